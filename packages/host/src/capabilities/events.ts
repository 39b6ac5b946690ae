import { canonicalJson, createId, encodeUtf8, type JsonValue } from '@morphee/core'
import { HostError } from '../errors.ts'
import { MAX_EVENT_BYTES } from '../events/event-sink.ts'
import { limitError } from '../invocation/limit-error.ts'
import type { CapabilityFunction } from './capability.ts'
import { performEffect } from './perform-effect.ts'

/** `events.emit`. The host says who said it and when; nobody can claim another's event. */
export const eventsEmit: CapabilityFunction = async (context, [topic, payload]) => {
  const { invocation, events } = context
  // What a person is shown is what is announced, and not the guest's text, which may name a member twice.
  const text = canonicalPayload(payload)
  const content = encodeUtf8(text)
  if (content.length > MAX_EVENT_BYTES)
    throw limitError('event', MAX_EVENT_BYTES, 'bytes', 'announced')
  return performEffect(
    context,
    { kind: 'event', permission: 'event:emit', topic: String(topic) },
    String(topic),
    async () => {
      await events.emit({
        id: createId('event'),
        workspace: invocation.workspace,
        source: invocation.extension,
        topic: String(topic),
        payload: text,
      })
      return { value: undefined, bytes: content.length }
    },
    content,
  )
}

function canonicalPayload(payload: unknown): string {
  try {
    return canonicalJson(JSON.parse(String(payload)) as JsonValue)
  } catch {
    throw new HostError('ERR_HOST_ARGUMENT', 'Cannot announce this: its payload is not JSON', {
      argument: 'payload',
      accepted: 'JSON text',
    })
  }
}
