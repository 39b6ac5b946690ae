import type { Policy } from '@morphee/manifest'

/** Where the operator's policy comes from. */
export interface PolicySource {
  /** The policy that counts now; the same object until it changes. Asked before every decision, so it answers at once. */
  current(): Policy
}

/** A policy that never changes. */
export function fixedPolicy(policy: Policy): PolicySource {
  return { current: () => policy }
}
