import { HostError } from '../errors.ts'
import { assertWorkspace } from '../workspace-name.ts'
import type { InvokeRequest } from './invoke-request.ts'

/** Holds what a caller without types may send against what a host takes. @throws `ERR_HOST_ARGUMENT` */
export function assertRequest({
  workspace,
  idempotencyKey,
}: InvokeRequest & { readonly idempotencyKey?: unknown }): void {
  assertWorkspace(workspace)
  if (idempotencyKey === undefined) return
  throw new HostError(
    'ERR_HOST_ARGUMENT',
    'Cannot use an idempotency key: this host does not enforce them yet',
    { argument: 'idempotencyKey', accepted: 'no key' },
  )
}
