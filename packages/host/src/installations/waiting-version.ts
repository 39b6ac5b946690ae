// The version that waits for a yes while the active one runs on.
import type { Principal } from '../invocation/principal.ts'
import type { Transaction } from '../store/index.ts'
import { changeInstallation } from './change-installation.ts'
import type { Installation } from './installation.ts'
import type { InstallationServices } from './installation-services.ts'
import { dropUnusedArtifacts, updateInstallation } from './installation-table.ts'

/** Forgets the version that waits. @throws `ERR_HOST_NOT_INSTALLED` */
export function declineWaiting(
  services: InstallationServices,
  workspace: string,
  extension: string,
  principal: Principal,
): Promise<void> {
  const change = { workspace, extension, principal, capability: 'update.decline' }
  return changeInstallation(services, change, async (tx, installation) => {
    const { pendingDigest } = installation
    if (pendingDigest === undefined) return {}
    await dropWaiting(tx, installation)
    await updateInstallation(tx, installation, { pendingDigest: null }, services.clock.now())
    return { digest: pendingDigest }
  })
}

/** Removes the version that waits, and its bytes where nothing else uses them. */
export async function dropWaiting(
  tx: Transaction,
  { id, pendingDigest }: Installation,
): Promise<void> {
  if (pendingDigest === undefined) return
  await tx.run(
    'DELETE FROM installed_version WHERE installation = ? AND digest = ? AND consent IS NULL',
    [id, pendingDigest],
  )
  await dropUnusedArtifacts(tx)
}
