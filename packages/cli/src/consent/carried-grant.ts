import type { Proposal } from '@morphee/host'
import { type Grant, grantForUpdate, grantOf } from '@morphee/manifest'
import type { CliContext } from '../context.ts'

/** What a yes to `proposal` grants: it is a yes to what is new, and what was narrowed or denied before stays so. */
export async function carriedGrant(
  { workspace, host }: CliContext,
  extension: string,
  { permissions, manifest }: Proposal,
): Promise<Grant> {
  const { installations } = await host()
  const before = await installations.proposeSettings(workspace, extension, {})
  const { installation, versions } = await installations.show(workspace, extension)
  const consent = versions.find(({ digest }) => digest === installation.activeDigest)?.consent
  if (consent === undefined) return grantOf(permissions)
  const grant = consent.grant as unknown as Grant
  return grantForUpdate(grant, before.permissions, permissions, Object.keys(manifest.actions))
}
