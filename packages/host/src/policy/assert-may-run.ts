import { type Policy, policyFor } from '@morphee/manifest'
import { HostError } from '../errors.ts'

/** @throws `ERR_HOST_POLICY` when the operator refuses `extension` or its publisher */
export function assertMayRun(policy: Policy, extension: string): void {
  const { refusal } = policyFor(policy, extension)
  if (refusal === undefined) return
  const { reason, place } = refusal
  const where = place === undefined ? '' : ` (${place.file}, line ${place.line})`
  throw new HostError('ERR_HOST_POLICY', `Cannot use "${extension}": ${reason}${where}`, {
    extension,
    reason,
    ...(place === undefined ? {} : { rule: place }),
  })
}
