import { HostError } from './errors.ts'

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/

/** @throws `ERR_HOST_ARGUMENT` unless `workspace` is a name that a workspace may have */
export function assertWorkspace(workspace: string): void {
  if (NAME.test(workspace)) return
  const accepted = 'lower-case letters, digits and hyphens, at most 63'
  throw new HostError(
    'ERR_HOST_ARGUMENT',
    `Cannot use this workspace: its name is not valid; it takes ${accepted}`,
    { argument: 'workspace', accepted },
  )
}
