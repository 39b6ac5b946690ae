import {
  canonicalJson,
  createId,
  type Digest,
  digestOf,
  encodeUtf8,
  type JsonObject,
} from '@morphee/core'
import { formatPrincipal } from '../invocation/principal.ts'
import type { ExactEffect } from './approvals.ts'
import type { CapabilityContext } from './capability.ts'
import { recordOf } from './record.ts'

/**
 * Asks a person about `effect` and records question and answer.
 *
 * The question is written down before it is put, and the answer counts only while the call that asks is running.
 */
export async function askApproval(
  context: CapabilityContext,
  permission: string,
  target: string,
  question: string,
  effect: ExactEffect,
): Promise<boolean> {
  const { invocation, audit, approvals } = context
  const asked = {
    workspace: invocation.workspace,
    invocation: invocation.id,
    principal: formatPrincipal(invocation.principal),
    extension: invocation.extension,
    artifact: invocation.digest,
    action: invocation.action,
    permission,
    question,
  }
  const digest = await digestOfQuestion(asked, effect)
  const intent = await audit.intent({
    ...recordOf(invocation, 'approval', target),
    details: { permission, asked: digest },
  })
  let approved = false
  try {
    const answer = approvals.ask({
      id: createId('approval'),
      ...asked,
      effect,
      digest,
      signal: invocation.signal,
    })
    approved = (await Promise.race([answer, whenOver(invocation.signal)])) === true
    return approved
  } finally {
    await audit.outcome(intent, {
      decision: approved ? 'done' : 'refused',
      refusedBy: approved ? undefined : 'grant',
    })
  }
}

async function digestOfQuestion(asked: JsonObject, effect: ExactEffect): Promise<Digest> {
  const bytes = effect.kind === 'http' ? effect.body : effect.content
  const body = bytes === undefined ? null : await digestOf(new Uint8Array(bytes))
  const plain: JsonObject =
    effect.kind === 'http'
      ? {
          kind: 'http',
          method: effect.method,
          url: effect.url,
          headers: effect.headers.map(({ name, value }) => [name, value]),
          body,
          credential: effect.credential ?? null,
        }
      : { kind: effect.kind, target: effect.target, body }
  return digestOf(encodeUtf8(canonicalJson({ ...asked, effect: plain })))
}

function whenOver(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(false)
    signal.addEventListener('abort', () => resolve(false), { once: true })
  })
}
