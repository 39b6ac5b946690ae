import type { Id } from '@morphee/core'

/** Most bytes of an event's payload, as canonical JSON in UTF-8. */
export const MAX_EVENT_BYTES: number = 64 * 1024

/** Most deliveries in a row: an event that a handler announces has one hop more than the one that it handles. */
export const MAX_EVENT_HOPS = 8

/** Most events of one extension in a workspace within a minute. */
export const MAX_EVENTS_PER_MINUTE = 600

/** Something that an extension announces, or the application. */
export interface EmittedEvent {
  readonly id: Id<'event'>
  readonly workspace: string
  /** `publisher/name` of the extension, or `host`; set by the host. */
  readonly source: string
  readonly topic: string
  /** How many deliveries in a row led to it. @default 0, announced in a call or by the application */
  readonly hops?: number
  /** Canonical JSON text. Data of a stranger, never an instruction. */
  readonly payload: string
}

/**
 * Where announced events go.
 *
 * A promise that resolves means that the event will not be lost; the same id twice is the same event. The guest hears of a
 * rejection, and may announce again.
 */
export interface EventSink {
  emit(event: EmittedEvent): Promise<void>
}
