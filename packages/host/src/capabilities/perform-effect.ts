import { isPlatformError } from '@morphee/core'
import { HostError } from '../errors.ts'
import type { ExactEffect } from './approvals.ts'
import { askApproval } from './ask-approval.ts'
import type { EffectRequest } from './authority.ts'
import type { CapabilityContext } from './capability.ts'
import { recordOf, recordRefusal } from './record.ts'

/** What an effect gives back, and how many bytes it moved, for the record. */
export interface EffectOutcome<T> {
  readonly value: T
  readonly bytes: number
}

/**
 * Decides one effect and throws when it is refused: permission first, then a person where the grant says `ask`.
 *
 * The refusal is recorded before it is thrown.
 *
 * @throws `ERR_HOST_PERMISSION_DENIED`
 */
export async function authorizeEffect(
  context: CapabilityContext,
  request: EffectRequest,
  target: string,
  exact: ExactEffect = { kind: 'storage', target },
): Promise<void> {
  const decision = context.authority.decide(request)
  if (decision.kind === 'allow') return
  if (decision.kind === 'ask') {
    if (await askApproval(context, request.permission, target, decision.message, exact)) return
    throw await refuse(context, request, target, 'grant', `${decision.message}; nobody approved it`)
  }
  throw await refuse(context, request, target, decision.refusedBy, decision.message)
}

/** Records a refusal and makes its error. */
export async function refuse(
  context: CapabilityContext,
  request: Pick<EffectRequest, 'permission'>,
  target: string,
  refusedBy: 'manifest' | 'action' | 'grant' | 'policy',
  message: string,
): Promise<HostError<'ERR_HOST_PERMISSION_DENIED'>> {
  await recordRefusal(context, request.permission, target, refusedBy)
  return new HostError('ERR_HOST_PERMISSION_DENIED', message, {
    permission: request.permission,
    refusedBy,
    target,
  })
}

/**
 * Performs one effect that is not a network request: authorize, record the intent, act, record the outcome.
 *
 * When the intent cannot be written, nothing happens and the guest is stopped.
 */
export async function performEffect<T>(
  context: CapabilityContext,
  request: EffectRequest,
  target: string,
  act: () => Promise<EffectOutcome<T>>,
): Promise<T> {
  await authorizeEffect(context, request, target)
  const intent = await context.audit.intent(
    recordOf(context.invocation, request.permission, target),
  )
  try {
    const { value, bytes } = await act()
    await context.audit.outcome(intent, { decision: 'done', bytes })
    return value
  } catch (error) {
    await context.audit.outcome(intent, {
      decision: 'failed',
      details: { error: isPlatformError(error) ? error.code : 'ERR_INTERNAL' },
    })
    throw error
  }
}
