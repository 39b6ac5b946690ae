import { cleanLine } from '@morphee/core'
import type { AskOutcome } from '../approvals/approval-desk.ts'
import type { ExactEffect } from '../approvals/exact-effect.ts'
import type { CapabilityContext } from './capability.ts'

/**
 * Asks a person about `effect`, on a surface that no tool, agent token or guest reaches.
 *
 * The question is built from what the host holds itself; question, answer and use are recorded where they are stored.
 *
 * @throws `ERR_HOST_LIMIT` when too many questions wait already
 */
export function askApproval(
  { invocation, approvals }: Pick<CapabilityContext, 'invocation' | 'approvals'>,
  permission: string,
  target: string,
  decision: { readonly message: string; readonly askedBy: 'grant' | 'policy' },
  effect: ExactEffect,
): Promise<AskOutcome> {
  const { id, workspace, installation, extension, digest, action, principal } = invocation
  return approvals.ask({
    question: {
      workspace,
      installation,
      extension,
      artifact: digest,
      action,
      principal,
      conversation: invocation.conversation ?? null,
      permission,
      target: cleanLine(target, 2000),
      question: decision.message,
      askedBy: decision.askedBy,
      effect,
    },
    invocation: id,
    remainingMs: invocation.remainingMs(),
    waits: invocation.waits,
    signal: invocation.signal,
  })
}
