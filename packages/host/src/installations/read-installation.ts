import type { InstallationDetails } from './install-request.ts'
import { notInstalled } from './installation-errors.ts'
import type { InstallationServices } from './installation-services.ts'
import { committed, findInstallation, listVersions } from './installation-table.ts'

/** One installation with its versions. @throws `ERR_HOST_NOT_INSTALLED` */
export async function readInstallation(
  { store }: InstallationServices,
  workspace: string,
  extension: string,
): Promise<InstallationDetails> {
  const from = committed(store)
  const installation = await findInstallation(from, workspace, extension)
  if (installation === undefined) throw notInstalled(extension)
  return { installation, versions: await listVersions(from, installation) }
}
