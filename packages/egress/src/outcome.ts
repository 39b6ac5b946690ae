import { isPlatformError } from '@morphee/core'
import { EgressError } from './errors.ts'
import type { Exchange } from './exchange.ts'

/** What an outcome says about `error`. */
export function outcomeOf({ deadline }: Exchange, error: unknown): string {
  if (isPlatformError(error)) return error.code
  return deadline.signal.aborted && error === deadline.signal.reason ? 'cancelled' : 'ERR_INTERNAL'
}

/** `error`, or what lies behind it: the deadline, or the caller's own reason to stop. */
export function explainAbort(
  { deadline }: Exchange,
  error: unknown,
  host: string,
  sent: boolean,
): unknown {
  if (deadline.expired && !isPlatformError(error, 'ERR_EGRESS_TIMEOUT')) {
    return new EgressError(
      'ERR_EGRESS_TIMEOUT',
      `Cannot wait longer for "${host}": ${deadline.timeoutMs} ms have passed`,
      { host, timeoutMs: deadline.timeoutMs, sent },
    )
  }
  return deadline.signal.aborted && !deadline.expired ? deadline.signal.reason : error
}
