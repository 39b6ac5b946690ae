import type { ActiveInvocation } from '../invocation/active-invocation.ts'
import type { EffectRequest } from './authority.ts'

/**
 * Asks a person about one exact effect, on a surface that no tool, agent token or guest reaches.
 *
 * `true` allows this one effect, once. Everything else, silence included, is a refusal.
 */
export interface Approvals {
  ask(invocation: ActiveInvocation, request: EffectRequest, message: string): Promise<boolean>
}

/** For a host without such a surface: what a grant sets to `ask` is refused. */
export const refuseApprovals: Approvals = { ask: async () => false }
