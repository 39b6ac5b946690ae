import type { Principal } from '../invocation/principal.ts'
import { secretScope } from '../secrets/extension-secrets.ts'
import { changeInstallation } from './change-installation.ts'
import type { InstallationServices } from './installation-services.ts'
import { dropUnusedArtifacts } from './installation-table.ts'
import { readInstallation } from './read-installation.ts'

/** Options of {@link removeInstallation}. */
export interface RemoveOptions {
  /** Whether the extension's stored data stays for an installation to come. */
  readonly keepData: boolean
}

/**
 * Removes an installation with its credentials, and with its stored data unless that is to be kept.
 *
 * The version floor stays: an older version cannot be slipped in by removing first.
 *
 * @throws `ERR_HOST_NOT_INSTALLED`
 */
export async function removeInstallation(
  services: InstallationServices,
  workspace: string,
  extension: string,
  principal: Principal,
  { keepData }: RemoveOptions,
): Promise<void> {
  const { installation: before } = await readInstallation(services, workspace, extension)
  const forget = await services.connections.prepareForget(workspace, before.id)
  const forgetSecrets = await services.vault.prepareClear(secretScope(before))
  const change = { workspace, extension, principal, capability: 'remove' }
  await changeInstallation(services, change, async (tx, { id }) => {
    await forget(tx)
    await forgetSecrets(tx)
    if (!keepData) await services.storage.clearIn(tx, { workspace, extension })
    await tx.run('DELETE FROM standing_approval WHERE installation = ?', [id])
    await tx.run('DELETE FROM event_cursor WHERE installation = ?', [id])
    await tx.run('DELETE FROM dead_letter WHERE installation = ?', [id])
    await tx.run('DELETE FROM installed_version WHERE installation = ?', [id])
    await tx.run('DELETE FROM installation WHERE id = ?', [id])
    await dropUnusedArtifacts(tx)
    return { dataKept: keepData }
  })
}
