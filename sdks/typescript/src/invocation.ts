import {
  caller,
  id,
  locale,
  progress,
  remainingMs,
  timeZone,
} from 'morphee:extension/invocation@0.9.0'

/** This call: who asked, in which language, and how much time is left. */
export interface Invocation {
  /** Names the call in the audit trail and in every log line of it. */
  readonly id: string
  /** Who is behind it; never a name or an address. */
  readonly caller: 'person' | 'agent' | 'schedule' | 'event' | 'webhook' | (string & {})
  /** BCP 47 language tag of who asked. */
  readonly locale: string
  /** IANA time zone of who asked. */
  readonly timeZone: string
  /** Milliseconds until the host gives up on this call. */
  readonly remainingMs: number
  /** Shown to whoever waits; `fraction` runs from 0 to 1, or is left out when the end is not in sight. */
  progress(message: string, fraction?: number): void
}

/** The call that is running; handlers get it as their second argument too. */
export const invocation: Invocation = {
  get id() {
    return id()
  },
  get caller() {
    return caller()
  },
  get locale() {
    return locale()
  },
  get timeZone() {
    return timeZone()
  },
  get remainingMs() {
    return Number(remainingMs())
  },
  progress: (message, fraction) => progress(fraction, message),
}
