import { HostError } from '../errors.ts'
import type { ApprovalState } from './approval.ts'

/** What was shown is not what is stored. */
export function changed(approval: string): HostError<'ERR_HOST_APPROVAL_CHANGED'> {
  return new HostError(
    'ERR_HOST_APPROVAL_CHANGED',
    'Cannot answer: what was shown is not what is asked',
    { approval },
  )
}

/** There is no such question, or no such yes, in this workspace. */
export function unknown(id: string): HostError<'ERR_HOST_APPROVAL_UNKNOWN'> {
  const shown = id.slice(0, 60)
  return new HostError(
    'ERR_HOST_APPROVAL_UNKNOWN',
    `Cannot find the approval "${shown}" in this workspace`,
    { approval: shown },
  )
}

/** The question was answered, or is asked no more. */
export function over(id: string, state: ApprovalState): HostError<'ERR_HOST_APPROVAL_OVER'> {
  return new HostError('ERR_HOST_APPROVAL_OVER', `Cannot answer: the question is ${state}`, {
    approval: id,
    state,
  })
}

/** A yes cannot cover that much. */
export function coverageRefused(covers: string, accepted: string): HostError<'ERR_HOST_ARGUMENT'> {
  return new HostError(
    'ERR_HOST_ARGUMENT',
    `Cannot allow it for "${covers}": accepted is ${accepted}`,
    { argument: covers, accepted },
  )
}
