import { canonicalJson, createId, encodeUtf8, type JsonValue } from '@morphee/core'
import { HostError } from '../errors.ts'
import { MAX_EVENT_BYTES, MAX_EVENT_HOPS, MAX_EVENTS_PER_MINUTE } from '../events/event-sink.ts'
import { limitError } from '../invocation/limit-error.ts'
import type { Meters } from '../invocation/meters.ts'
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
  const hops = invocation.hops ?? 0
  if (hops > MAX_EVENT_HOPS)
    throw limitError('event-hops', MAX_EVENT_HOPS, 'deliveries in a row', 'followed')
  return performEffect(
    context,
    { kind: 'event', permission: 'event:emit', topic: String(topic) },
    String(topic),
    async () => {
      // What the application itself announces is as much as people do with it.
      if (invocation.installation !== 'builtin') charge(invocation.meters)
      await events.emit({
        id: createId('event'),
        workspace: invocation.workspace,
        source: invocation.extension,
        topic: String(topic),
        payload: text,
        ...(hops === 0 ? {} : { hops }),
      })
      return { value: undefined, bytes: content.length }
    },
    content,
  )
}

function charge({ announcements }: Meters): void {
  const retryAfterMs = announcements.tryCharge(1, MAX_EVENTS_PER_MINUTE)
  if (retryAfterMs === undefined) return
  throw new HostError(
    'ERR_HOST_LIMIT',
    `Cannot announce more now: ${MAX_EVENTS_PER_MINUTE} events a minute are the limit`,
    { limit: 'events-per-minute', value: MAX_EVENTS_PER_MINUTE, unit: 'events', retryAfterMs },
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
