// Who may follow whom: an update comes from the publisher of what it updates, and nothing older than the floor comes in.
import semver from 'semver'
import { HostError } from '../errors.ts'
import type { Transaction } from '../store/index.ts'
import type { InstallRequest } from './install-request.ts'
import type { Installation } from './installation.ts'
import { readFloor, writeFloor } from './installation-table.ts'

/** @throws `ERR_HOST_PUBLISHER_CHANGED`, `ERR_HOST_DOWNGRADE` */
export async function assertOrigin(
  tx: Transaction,
  { workspace, artifact, provenance }: InstallRequest,
  before: Installation | undefined,
): Promise<void> {
  const { name, version } = artifact.manifest
  const publisher = provenance.kind === 'signed' ? provenance.publisher : undefined
  if (before !== undefined && before.publisher !== publisher) {
    throw new HostError(
      'ERR_HOST_PUBLISHER_CHANGED',
      `Cannot update "${name}": it was installed from another publisher`,
      {
        extension: name,
        publisher: publisher ?? 'unsigned',
        installedPublisher: before.publisher ?? 'unsigned',
      },
    )
  }
  const floor = await readFloor(tx, workspace, name, publisher ?? '')
  if (
    floor !== undefined &&
    semver.lt(version, floor) &&
    artifact.digest !== before?.activeDigest
  ) {
    throw new HostError(
      'ERR_HOST_DOWNGRADE',
      `Cannot install "${name}" ${version}: ${floor} was installed before`,
      { version, floor },
    )
  }
}

/** Remembers the newest version of a publisher, also after everything is removed. */
export async function raiseFloor(
  tx: Transaction,
  { workspace, artifact, provenance }: InstallRequest,
): Promise<void> {
  const { name, version } = artifact.manifest
  const publisher = provenance.kind === 'signed' ? provenance.publisher : ''
  const floor = await readFloor(tx, workspace, name, publisher)
  // In a development host the same version is built again and again; only signed ones have an order to keep.
  if (publisher !== '' && (floor === undefined || semver.gt(version, floor)))
    await writeFloor(tx, workspace, name, publisher, version)
}
