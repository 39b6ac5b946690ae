import { createId, isPlatformError, type JsonObject } from '@morphee/core'
import {
  type Grant,
  grantForUpdate,
  type Manifest,
  meetGrants,
  type PermissionSet,
  resolvePermissions,
} from '@morphee/manifest'
import { HostError } from '../errors.ts'
import type { Principal } from '../invocation/principal.ts'
import { assertUnchanged } from './active-version.ts'
import { changeInstallation } from './change-installation.ts'
import { prepareForgetIfFurther } from './forget-credentials.ts'
import type { Consent, Installation, InstalledVersion } from './installation.ts'
import { assertPerson } from './installation-errors.ts'
import type { InstallationServices } from './installation-services.ts'
import { updateInstallation, writeVersion } from './installation-table.ts'
import { readInstalledArtifact } from './installed-artifact.ts'
import { readInstallation } from './read-installation.ts'
import { dropWaiting } from './waiting-version.ts'

/**
 * Goes back to an earlier version of an installation that a person said yes to, the last one by default.
 *
 * @throws `ERR_HOST_NO_EARLIER_VERSION`, `ERR_HOST_NOT_INSTALLED`, `ERR_HOST_CONSENT_REQUIRED`
 */
export async function rollBack(
  services: InstallationServices,
  workspace: string,
  extension: string,
  principal: Principal,
  version?: string,
): Promise<InstalledVersion> {
  assertPerson(extension, principal)
  const { installation: before, versions } = await readInstallation(services, workspace, extension)
  const active = versions.find(({ digest }) => digest === before.activeDigest)
  const chosen = versions.find(
    (one) =>
      one.digest !== before.activeDigest &&
      one.consent !== undefined &&
      (version === undefined || one.version === version),
  )
  if (chosen?.consent === undefined) {
    throw new HostError(
      'ERR_HOST_NO_EARLIER_VERSION',
      version === undefined
        ? `Cannot roll "${extension}" back: it has had no other version`
        : `Cannot roll "${extension}" back to ${version.slice(0, 50)}: it has had ${versions.map((one) => one.version).join(', ')}`,
      { extension, version: active?.version ?? '' },
    )
  }
  const { config } = chosen.consent
  const { manifest } = await readInstalledArtifact(services, chosen.digest)
  const consent = await consentToGoBack(services, before, active?.consent, chosen.consent, manifest)
  const seen = { installation: before, consent: active?.consent }
  const forget = await prepareForgetIfFurther(services, seen, { manifest, config })
  const change = { workspace, extension, principal, capability: 'rollback' }
  await changeInstallation(services, change, async (tx, installation) => {
    await assertUnchanged(tx, extension, installation, seen)
    await dropWaiting(tx, installation)
    await updateInstallation(
      tx,
      installation,
      { activeDigest: chosen.digest, pendingDigest: null, config },
      services.clock.now(),
    )
    await writeVersion(tx, installation.id, { ...chosen, consent })
    await forget?.(tx)
    return { digest: chosen.digest, version: chosen.version, consent: consent.id }
  })
  return { ...chosen, consent }
}

// An earlier yes does not bring back what was narrowed or denied since.
async function consentToGoBack(
  services: InstallationServices,
  { activeDigest, config }: Installation,
  now: Consent | undefined,
  then: Consent,
  manifest: Manifest,
): Promise<Consent> {
  const id = createId('grant')
  if (now === undefined) return { ...then, id }
  const granted = now.grant as unknown as Grant
  let asked: PermissionSet
  try {
    asked = resolvePermissions(
      (await readInstalledArtifact(services, activeDigest)).manifest,
      config,
    )
  } catch (error) {
    if (!isPlatformError(error, 'ERR_HOST_ARTIFACT_CORRUPT')) throw error
    // Damaged bytes do not tell what was asked for; what was answered is known.
    asked = granted.entries.map(({ permission }) => permission)
  }
  const carried = grantForUpdate(
    granted,
    asked,
    resolvePermissions(manifest, then.config),
    Object.keys(manifest.actions),
  )
  const grant = meetGrants(then.grant as unknown as Grant, carried)
  return { ...then, id, grant: grant as unknown as JsonObject }
}
