import type { Id, JsonValue } from '@morphee/core'
import type { Principal } from './principal.ts'

/** One call of one action. */
export interface InvokeRequest {
  readonly workspace: string
  readonly principal: Principal
  /** Minted by the host; names what an approval "for this conversation" covers. */
  readonly conversation?: Id<'conversation'>
  /** The same key and input within a day give the recorded result instead of a second effect. Refused until it is enforced. */
  readonly idempotencyKey?: never
  /** `publisher/name`. */
  readonly extension: string
  readonly action: string
  readonly input: JsonValue
  /** BCP 47 tag of the one who asks. @default 'en' */
  readonly locale?: string
  /** IANA time zone of the one who asks. @default 'UTC' */
  readonly timeZone?: string
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Progress) => void
  /** Told of each log line as it comes; of a call that fails, the only place where they are seen. */
  readonly onLog?: (line: LogLine) => void
}

/** What a guest said about how far it is; `message` is a stranger's text, cleaned and bounded. */
export interface Progress {
  /** 0 to 1, or `undefined` when the end is not in sight. */
  readonly fraction: number | undefined
  readonly message: string
}

/** One log line of an invocation; `message` is a stranger's text, cleaned and bounded. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
}

/** What one invocation used. */
export interface Usage {
  /** Time the guest was on its stack, and the host on its own at the beginning of each host call. */
  readonly cpuMs: number
  readonly wallMs: number
  readonly hostCalls: number
  readonly httpRequests: number
  /** Request and response bytes together. */
  readonly networkBytes: number
}

/** What a successful invocation gives back. */
export interface InvokeResult {
  readonly invocation: Id<'invocation'>
  readonly output: JsonValue
  readonly log: readonly LogLine[]
  /** Lines over the limit; they are counted and gone. */
  readonly droppedLogLines: number
  readonly usage: Usage
}
