import type { Id } from '@morphee/core'

/** Most bytes of an event's payload, as canonical JSON in UTF-8. */
export const MAX_EVENT_BYTES: number = 64 * 1024

/** Something that an extension announces. */
export interface EmittedEvent {
  readonly id: Id<'event'>
  readonly workspace: string
  /** `publisher/name` of the extension, set by the host. */
  readonly source: string
  readonly topic: string
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
