import type { JsonObject } from '@morphee/core'
import type { Principal } from '../invocation/principal.ts'
import { activeConsent, assertUnchanged } from './active-version.ts'
import { changeInstallation } from './change-installation.ts'
import { assertConsent, consentFor } from './consent-for.ts'
import type { ConsentInput } from './install-request.ts'
import type { InstalledVersion } from './installation.ts'
import { assertPerson, consentRequired } from './installation-errors.ts'
import type { InstallationServices } from './installation-services.ts'
import { updateInstallation, writeVersion } from './installation-table.ts'
import { readInstalledArtifact } from './installed-artifact.ts'
import { type Proposal, proposeInstallation } from './proposal.ts'
import { readInstallation } from './read-installation.ts'

/**
 * Changes settings. Those that decide what can happen (a host in a permission) need a new consent.
 *
 * @throws `ERR_HOST_CONSENT_REQUIRED`, `ERR_HOST_CONFIG_INVALID`, `ERR_HOST_NOT_INSTALLED`
 */
export async function configure(
  services: InstallationServices,
  workspace: string,
  extension: string,
  principal: Principal,
  settings: JsonObject,
  consent?: ConsentInput,
): Promise<Proposal> {
  assertPerson(extension, principal)
  const { installation, versions } = await readInstallation(services, workspace, extension)
  const { activeDigest } = installation
  const version = versions.find(({ digest }) => digest === activeDigest) as InstalledVersion
  const artifact = await readInstalledArtifact(services, activeDigest)
  const config = { ...installation.config, ...settings }
  const proposal = await proposeInstallation(artifact, config, undefined)
  if (consent !== undefined) assertConsent(proposal, principal, consent)
  const agreed = consent ?? version.consent
  if (agreed?.authorityDigest !== proposal.authorityDigest)
    throw consentRequired(extension, 'these settings change what it may reach')
  const seen = { installation, consent: version.consent }
  // A credential was entered for another host: it is asked for again.
  const forget = await services.connections.prepareForget(workspace, installation.id)
  const change = { workspace, extension, principal, capability: 'configure' }
  await changeInstallation(services, change, async (tx, current) => {
    const now = services.clock.now()
    await assertUnchanged(tx, extension, current, seen)
    const request = {
      workspace,
      principal,
      artifact,
      provenance: version.provenance,
      config,
      ...(consent === undefined ? {} : { consent }),
    }
    const given = consentFor(request, proposal, await activeConsent(tx, current), now)
    await writeVersion(tx, current.id, { ...version, consent: given })
    await updateInstallation(tx, current, { config: proposal.config }, now)
    if (proposal.authorityDigest !== version.consent?.authorityDigest) await forget(tx)
    return { settings: Object.keys(settings), authority: proposal.authorityDigest }
  })
  return proposal
}
