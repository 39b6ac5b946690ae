import { cleanLine, type JsonObject } from '@morphee/core'
import type { Transaction } from '../store/index.ts'
import { activeConsent, assertUnchanged, findActive } from './active-version.ts'
import { recordChange } from './change-installation.ts'
import { assertConsent, consentFor } from './consent-for.ts'
import { prepareForgetIfFurther } from './forget-credentials.ts'
import type { InstallOutcome, InstallRequest } from './install-request.ts'
import type { Consent, Installation, InstalledVersion } from './installation.ts'
import { consentRequired } from './installation-errors.ts'
import type { InstallationServices } from './installation-services.ts'
import {
  findInstallation,
  insertInstallation,
  updateInstallation,
  writeArtifact,
  writeVersion,
} from './installation-table.ts'
import { assertOrigin, raiseFloor } from './origin.ts'
import { type Proposal, proposeInstallation } from './proposal.ts'
import { dropWaiting } from './waiting-version.ts'

/**
 * Installs an extension, or updates it to another version.
 *
 * A first installation needs the consent. An update goes through when it can do no more than the active version; a wider or
 * MAJOR one waits (`kind: 'waiting'`) until it is called again with a consent.
 *
 * @throws `ERR_HOST_CONSENT_REQUIRED`, `ERR_HOST_DOWNGRADE`, `ERR_HOST_PUBLISHER_CHANGED`, `ERR_HOST_CONFIG_INVALID`
 */
export async function install(
  services: InstallationServices,
  request: InstallRequest,
): Promise<InstallOutcome> {
  const { workspace, artifact, provenance, consent, principal } = request
  const { manifest } = artifact
  const active = await findActive(services, workspace, manifest.name, artifact)
  const settings = { ...active?.config, ...request.config }
  const proposal = await proposeInstallation(artifact, settings, active)
  if (consent !== undefined) assertConsent(proposal, principal, consent)
  if (active === undefined && consent === undefined)
    throw consentRequired(manifest.name, 'nobody has said yes to what it may do')
  const waits = proposal.needsConsent !== undefined && consent === undefined
  if (waits && artifact.digest === active?.artifact.digest)
    throw consentRequired(manifest.name, 'these settings change what it may reach')
  const { config } = proposal
  const forget = active && (await prepareForgetIfFurther(services, active, { manifest, config }))

  return services.store.transaction(async (tx) => {
    const before = await findInstallation(tx, workspace, manifest.name)
    await assertUnchanged(tx, manifest.name, before, active)
    await assertOrigin(tx, request, before)
    const now = services.clock.now()
    const given = waits
      ? undefined
      : consentFor(request, proposal, await activeConsent(tx, before), now)
    if (before !== undefined) await dropWaiting(tx, before)
    await writeArtifact(tx, artifact.digest, artifact.bytes)
    const version: InstalledVersion = {
      digest: artifact.digest,
      version: manifest.version,
      provenance,
      consent: given,
      installedAt: now,
    }
    const kind = await putVersion(tx, request, before, version, config)
    if (kind === 'updated' || kind === 'unchanged') await forget?.(tx)
    if (kind !== 'waiting') await raiseFloor(tx, request)
    const capability = kind === 'waiting' ? 'update.wait' : 'install'
    const change = { workspace, principal, extension: manifest.name, capability }
    await recordChange(services, tx, change, recordedDetails(request, proposal, given))
    const installation = (await findInstallation(tx, workspace, manifest.name)) as Installation
    return { kind, installation, proposal }
  })
}

// A version without a consent waits; one with it becomes the active one.
async function putVersion(
  tx: Transaction,
  { workspace, artifact, provenance }: InstallRequest,
  before: Installation | undefined,
  version: InstalledVersion,
  config: JsonObject,
): Promise<InstallOutcome['kind']> {
  const { digest, installedAt: now } = version
  if (before === undefined) {
    const installation = await insertInstallation(tx, {
      workspace,
      extension: artifact.manifest.name,
      state: 'active',
      activeDigest: digest,
      pendingDigest: undefined,
      config,
      publisher: provenance.kind === 'signed' ? provenance.publisher : undefined,
      now,
    })
    await writeVersion(tx, installation.id, version)
    return 'installed'
  }
  await writeVersion(tx, before.id, version)
  if (version.consent === undefined) {
    await updateInstallation(tx, before, { pendingDigest: digest }, now)
    return 'waiting'
  }
  await updateInstallation(tx, before, { activeDigest: digest, pendingDigest: null, config }, now)
  return digest === before.activeDigest ? 'unchanged' : 'updated'
}

function recordedDetails(
  { artifact, provenance }: InstallRequest,
  { difference }: Proposal,
  given: Consent | undefined,
): JsonObject {
  return {
    digest: artifact.digest,
    version: artifact.manifest.version,
    provenance: provenance.kind,
    ...(given === undefined
      ? {}
      : { consent: given.id, authority: given.authorityDigest, surface: given.surface }),
    // What nobody was asked about, a changed text for one, is at least in the record.
    ...(difference.length === 0
      ? {}
      : { changes: difference.slice(0, 50).map(({ line }) => cleanLine(line, 400)) }),
  }
}
