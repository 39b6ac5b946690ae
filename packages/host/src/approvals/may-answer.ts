import { HostError } from '../errors.ts'
import { personBehind } from '../invocation/principal.ts'
import type { Approver } from './approval.ts'
import type { Question } from './question.ts'

const ANSWER_FOR_OTHERS: ReadonlySet<string> = new Set(['owner', 'admin'])

/**
 * Who may answer a question: with a personal connection its owner and nobody else; otherwise the person whom the call is for, or
 * an owner or admin of the workspace.
 *
 * @throws `ERR_HOST_APPROVER`
 */
export function assertMayAnswer({ effect, principal }: Question, by: Approver): void {
  const owner = effect.kind === 'http' ? effect.credential?.owner : undefined
  if (owner !== undefined && owner !== 'shared') {
    if (owner === `person:${by.person}`) return
    throw refusal('the owner of the personal connection it is signed in with')
  }
  if (personBehind(principal) === by.person) return
  if (by.roles.some((role) => ANSWER_FOR_OTHERS.has(role))) return
  throw refusal('the person it acts for, or an owner or admin of the workspace')
}

function refusal(accepted: string): HostError<'ERR_HOST_APPROVER'> {
  return new HostError('ERR_HOST_APPROVER', `Cannot answer this question: it is for ${accepted}`, {
    accepted,
  })
}
