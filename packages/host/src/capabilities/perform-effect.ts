import { isPlatformError } from '@morphee/core'
import { HostError } from '../errors.ts'
import type { ExactEffect } from '../approvals/exact-effect.ts'
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
  exact: () => Promise<ExactEffect>,
): Promise<void> {
  const decision = context.authority.decide(request)
  if (decision.kind === 'allow') return
  if (decision.kind === 'ask') {
    const effect = await exact()
    const outcome = await askApproval(context, request.permission, target, decision, effect)
    if (outcome.kind === 'allowed') {
      // A person may take minutes: what was taken back or forbidden meanwhile is not done on their yes.
      const now = context.authority.decide(request)
      if (now.kind !== 'deny') return
      throw await refuse(context, request, target, now.refusedBy, now.message)
    }
    throw await refuse(
      context,
      request,
      target,
      decision.askedBy,
      `${decision.message}; refused, because ${outcome.reason}`,
    )
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
 * `content` is what would be stored, for a person who is asked. When the intent cannot be written, nothing happens and the
 * guest is stopped.
 */
export async function performEffect<T>(
  context: CapabilityContext,
  request: Exclude<EffectRequest, { readonly kind: 'http' | 'guest-auth' }>,
  target: string,
  act: () => Promise<EffectOutcome<T>>,
  content?: Uint8Array,
): Promise<T> {
  const { kind } = request
  await authorizeEffect(context, request, target, async () => ({ kind, target, content }))
  const intent = await context.audit.intent(
    recordOf(context.invocation, request.permission, target),
  )
  let done: EffectOutcome<T>
  try {
    done = await act()
  } catch (error) {
    await context.audit.outcome(intent, {
      decision: 'failed',
      details: { error: isPlatformError(error) ? error.code : 'ERR_INTERNAL' },
    })
    throw error
  }
  // Outside the try: what was done is never recorded as failed because its record could not be written.
  await context.audit.outcome(intent, { decision: 'done', bytes: done.bytes })
  return done.value
}
