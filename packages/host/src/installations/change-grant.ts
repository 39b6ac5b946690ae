import { cleanLine } from '@morphee/core'
import { type Grant, scopesOf } from '@morphee/manifest'
import type { Principal } from '../invocation/principal.ts'
import { assertUnchanged, findActive } from './active-version.ts'
import { changeInstallation } from './change-installation.ts'
import { assertConsent, consentFor } from './consent-for.ts'
import type { ConsentInput } from './install-request.ts'
import type { Consent, InstalledVersion } from './installation.ts'
import { notInstalled } from './installation-errors.ts'
import type { InstallationServices } from './installation-services.ts'
import { writeVersion } from './installation-table.ts'
import { proposeInstallation } from './proposal.ts'
import { readInstallation } from './read-installation.ts'

/**
 * Changes what the active version was granted: narrower, other answers, another expiry.
 *
 * @throws `ERR_HOST_GRANT_INVALID`, `ERR_HOST_CONSENT_REQUIRED` when it is for another authority, `ERR_HOST_NOT_INSTALLED`
 */
export async function changeGrant(
  services: InstallationServices,
  workspace: string,
  extension: string,
  principal: Principal,
  consent: ConsentInput,
): Promise<Consent> {
  const active = await findActive(services, workspace, extension)
  if (active === undefined) throw notInstalled(extension)
  const { installation, artifact, config } = active
  const proposal = await proposeInstallation(artifact, config, active)
  assertConsent(proposal, principal, consent)
  const { versions } = await readInstallation(services, workspace, extension)
  const version = versions.find(
    ({ digest }) => digest === installation.activeDigest,
  ) as InstalledVersion
  const given = consentFor(
    { workspace, principal, artifact, provenance: version.provenance, config, consent },
    proposal,
    undefined,
    services.clock.now(),
  )
  const change = { workspace, extension, principal, capability: 'grant' }
  await changeInstallation(services, change, async (tx, current) => {
    await assertUnchanged(tx, extension, current, active)
    await writeVersion(tx, current.id, { ...version, consent: given })
    return {
      consent: given.id,
      before: active.consent?.id ?? null,
      authority: given.authorityDigest,
      surface: given.surface,
      answers: summaryOf(consent.grant),
    }
  })
  return given
}

// A record has a size, and a grant may have more lines than it holds; the whole of it is with the version.
function summaryOf({ entries, actions = {} }: Grant): string[] {
  const answers = entries.map(({ permission, answer, expiresAt }) =>
    [
      answer,
      permission.kind,
      ...scopesOf(permission),
      ...(expiresAt === undefined ? [] : [`until ${new Date(expiresAt).toISOString()}`]),
    ].join(' '),
  )
  const named = Object.entries(actions).map(([name, answer]) => `${answer} action ${name}`)
  return [...answers, ...named].slice(0, 50).map((line) => cleanLine(line, 400))
}
