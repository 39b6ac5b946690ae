import type { CompiledArtifact } from '../extension/compiled-artifact.ts'
import type { Transaction } from '../store/index.ts'
import type { Consent, Installation } from './installation.ts'
import { consentRequired } from './installation-errors.ts'
import type { InstallationServices } from './installation-services.ts'
import { committed, findInstallation, listVersions } from './installation-table.ts'
import { readInstalledArtifact } from './installed-artifact.ts'
import type { ActiveVersion } from './proposal.ts'

/** What was read of an installation before a change of it is decided. */
export interface Seen {
  readonly installation: Installation
  readonly consent: Consent | undefined
}

/** The version that runs, with what was said yes to. */
export interface Active extends Seen, ActiveVersion {}

/**
 * The active version with what was said yes to, or `undefined` when there is none.
 *
 * `known` stands in for its stored bytes, which may need mending.
 *
 * @throws `ERR_HOST_ARTIFACT_CORRUPT`
 */
export async function findActive(
  services: InstallationServices,
  workspace: string,
  extension: string,
  known?: CompiledArtifact,
): Promise<Active | undefined> {
  const from = committed(services.store)
  const installation = await findInstallation(from, workspace, extension)
  if (installation === undefined) return undefined
  const versions = await listVersions(from, installation)
  const consent = versions.find(({ digest }) => digest === installation.activeDigest)?.consent
  if (consent === undefined) return undefined
  const { activeDigest, config } = installation
  return {
    installation,
    consent,
    artifact:
      known?.digest === activeDigest ? known : await readInstalledArtifact(services, activeDigest),
    config,
    authorityDigest: consent.authorityDigest,
  }
}

/** The consent of the active version, as the transaction sees it. */
export async function activeConsent(
  tx: Transaction,
  installation: Installation | undefined,
): Promise<Consent | undefined> {
  if (installation === undefined) return undefined
  const versions = await listVersions(tx, installation)
  return versions.find(({ digest }) => digest === installation.activeDigest)?.consent
}

/**
 * What was decided was decided about `seen`; another process may have changed it meanwhile.
 *
 * Every change of version or settings comes with a consent of its own, so its id is enough.
 *
 * @throws `ERR_HOST_CONSENT_REQUIRED`
 */
export async function assertUnchanged(
  tx: Transaction,
  extension: string,
  current: Installation | undefined,
  seen: Seen | undefined,
): Promise<void> {
  const consent = await activeConsent(tx, current)
  if (
    current?.id === seen?.installation.id &&
    current?.activeDigest === seen?.installation.activeDigest &&
    consent?.id === seen?.consent?.id
  )
    return
  throw consentRequired(extension, 'another change got in between')
}
