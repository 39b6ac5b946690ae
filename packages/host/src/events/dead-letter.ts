import type { RecordedEvent } from './store-event-log.ts'

/** An event that an extension could not handle, however often it was tried. */
export interface DeadLetter {
  readonly event: Omit<RecordedEvent, 'seq'>
  /** `publisher/name` of the extension that could not handle it. */
  readonly extension: string
  readonly attempts: number
  /** Milliseconds since 1970. */
  readonly diedAt: number
  /** Code and message of the last attempt; the message may be the extension's own text, cleaned. */
  readonly code: string
  readonly message: string
}
