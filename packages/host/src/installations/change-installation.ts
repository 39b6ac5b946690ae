import type { JsonObject } from '@morphee/core'
import { formatPrincipal, type Principal } from '../invocation/principal.ts'
import type { Transaction } from '../store/index.ts'
import type { Installation } from './installation.ts'
import { notInstalled } from './installation-errors.ts'
import type { InstallationServices } from './installation-services.ts'
import { findInstallation } from './installation-table.ts'

/** Who changes which installation, and what the change is called in the audit trail. */
export interface InstallationChange {
  readonly workspace: string
  readonly extension: string
  readonly principal: Principal
  readonly capability: string
}

/**
 * Changes an installation in one transaction with its audit record, whose details are what `work` returns.
 *
 * @throws `ERR_HOST_NOT_INSTALLED`
 */
export async function changeInstallation(
  services: InstallationServices,
  change: InstallationChange,
  work: (tx: Transaction, installation: Installation) => Promise<JsonObject>,
): Promise<void> {
  const { workspace, extension } = change
  await services.store.transaction(async (tx) => {
    const installation = await findInstallation(tx, workspace, extension)
    if (installation === undefined) throw notInstalled(extension)
    await recordChange(services, tx, change, await work(tx, installation))
  })
}

/** Writes the audit record of a change into the transaction that makes it. */
export async function recordChange(
  { audit }: InstallationServices,
  tx: Transaction,
  { workspace, extension, principal, capability }: InstallationChange,
  details: JsonObject,
): Promise<void> {
  await audit.eventIn(tx, {
    workspace,
    principal: formatPrincipal(principal),
    extension,
    capability,
    decision: 'done',
    details,
  })
}
