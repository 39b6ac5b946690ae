import { type Clock } from '@morphee/core'
import type { AddressRules } from './address/check-addresses.ts'
import type { EgressContext, EgressVerdict } from './context.ts'
import type { Deadline } from './deadline.ts'
import { EgressError } from './errors.ts'
import type { EgressHeader } from './request.ts'
import type { EgressTransport, Resolver } from './transport.ts'

/** What every exchange of one guard has in common. */
export interface Guard {
  readonly transport: EgressTransport
  readonly resolver: Resolver
  readonly addresses: AddressRules
  readonly plainHttp: boolean
  readonly maxHeaderBytes: number
  readonly maxRedirects: number
  readonly userAgent: string
  readonly clock: Clock
}

/** One request of a caller with all its hops. */
export interface Exchange {
  /** The caller's own. */
  readonly url: URL
  readonly guard: Guard
  readonly context: EgressContext
  readonly deadline: Deadline
  readonly method: string
  readonly headers: readonly EgressHeader[]
  readonly body: Uint8Array | ReadableStream<Uint8Array> | undefined
  readonly bodyLength: number | undefined
  readonly decompress: boolean
  readonly maxResponseBytes: number
  /** The caller's own origin, and the only one that ever sees a credential. */
  readonly origin: string
  /** Whether a hop left that origin. Coming back does not bring the credential back. */
  leftOrigin: boolean
  bytesSent: number
  bytesReceived: number
  redactions: number
}

/** Throws `ERR_EGRESS_DENIED` unless `verdict` allows. */
export function assertPermitted(verdict: EgressVerdict, url: URL, method: string): void {
  if (verdict.allowed === true) return
  throw new EgressError(
    'ERR_EGRESS_DENIED',
    `Cannot send ${method} ${url.origin}${url.pathname}: ${verdict.reason}`,
    { url: url.href, method, reason: verdict.reason, refusedBy: verdict.refusedBy },
  )
}

/** Asks for quota. Throws `ERR_EGRESS_RATE` when there is none. */
export async function charge(
  exchange: Exchange,
  amount: Parameters<NonNullable<EgressContext['charge']>>[0],
): Promise<void> {
  if (amount.kind === 'bytes') {
    exchange.bytesSent += amount.sent
    exchange.bytesReceived += amount.received
  }
  if (exchange.context.charge === undefined) return
  const answer = exchange.context.charge(amount)
  // Chunks are many and quotas usually answer at once: no turn of the loop for each.
  const verdict = 'then' in answer ? await exchange.deadline.race(answer) : answer
  if (verdict.allowed === true) return
  throw new EgressError('ERR_EGRESS_RATE', `Cannot go on with the request: ${verdict.reason}`, {
    reason: verdict.reason,
    retryAfterMs: verdict.retryAfterMs,
  })
}
