import type { HostFailure } from 'morphee:extension/types@0.9.0'

/**
 * The codes a call can fail with. The list grows, so treat a code you do not know like `internal`.
 */
export type FailureCode =
  | 'permission-denied'
  | 'rate-limited'
  | 'limit-exceeded'
  | 'timeout'
  | 'cancelled'
  | 'unreachable'
  | 'unauthenticated'
  | 'not-found'
  | 'conflict'
  | 'invalid-input'
  | 'unsupported'
  | 'internal'
  | (string & {})

/** What may accompany a {@link Failure}. */
export interface FailureOptions {
  /** What a program may act on, as JSON: which field was wrong, which permission was missing. */
  readonly details?: unknown
  /** When trying again makes sense, and how long to wait first. */
  readonly retryAfterMs?: number
  readonly cause?: unknown
}

/**
 * A call that was refused or went wrong, in both directions: the host throws it, and an action throws it to say why it
 * cannot do what was asked. Anything else that an action throws arrives as `internal`.
 *
 * @example
 * ```ts
 * throw new Failure('not-found', `There is no issue ${key}`, { details: { key } })
 * ```
 */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: FailureCode
  readonly details: unknown
  readonly retryAfterMs: number | undefined

  constructor(code: FailureCode, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details
    this.retryAfterMs = options.retryAfterMs
  }
}

/** A failure record of the host as what an author catches. */
export function fromHostFailure(failure: HostFailure): Failure {
  const { details, retryAfterMs } = failure
  return new Failure(failure.code, failure.message, {
    ...(typeof details === 'string' && { details: parseDetails(details) }),
    ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
  })
}

// Details are data of the host's making, but a guest must not fall over them if they are no JSON after all.
function parseDetails(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Calls the host, and throws what it refuses as a {@link Failure}. */
export function callHost<Result>(call: () => Result): Result {
  try {
    return call()
  } catch (error) {
    const payload: unknown = (error as { payload?: unknown } | null)?.payload
    if (isHostFailure(payload)) throw fromHostFailure(payload)
    throw error
  }
}

function isHostFailure(value: unknown): value is HostFailure {
  return typeof value === 'object' && value !== null && 'code' in value && 'message' in value
}

/** What an action threw, as the record that crosses to the host. */
export function toHostFailure(error: unknown): HostFailure {
  if (!(error instanceof Failure)) return { code: 'internal', message: messageOf(error) }
  const { code, message, details, retryAfterMs } = error
  return {
    code,
    message,
    details: details === undefined ? undefined : JSON.stringify(details),
    retryAfterMs: toRetryAfter(retryAfterMs),
  }
}

function toRetryAfter(ms: number | undefined): number | undefined {
  if (ms === undefined || Number.isNaN(ms)) return undefined
  return Math.min(Math.max(0, Math.ceil(ms)), 0xffff_ffff)
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return `${error.name}: ${error.message}`
  try {
    return String(error)
  } catch {
    return 'Something was thrown that has no text'
  }
}
