import { type Clock, concatBytes, systemClock } from '@morphee/core'
import { type AllowedPrivate, compileAllowedPrivate } from './address/allowed-private.ts'
import type { HopAnswer } from './attempt.ts'
import { readAnswer } from './body/read-answer.ts'
import { streamOf } from './body/stream-of.ts'
import type { EgressContext } from './context.ts'
import { Deadline } from './deadline.ts'
import type { Exchange, Guard } from './exchange.ts'
import { refuseGuestAuth } from './headers/guest-auth.ts'
import { cleanRequestHeaders, stripMethodOverride } from './headers/request-headers.ts'
import { sendHop } from './hop.ts'
import { parseMethod } from './method.ts'
import { explainAbort, outcomeOf } from './outcome.ts'
import { redirectTarget } from './redirect.ts'
import type {
  EgressHeader,
  EgressRequest,
  EgressResponse,
  EgressStreamResponse,
} from './request.ts'
import type { EgressTransport, Resolver } from './transport.ts'
import { hostOf, parseTarget } from './url/parse-target.ts'

/** How {@link createEgress} is set up by its host. */
export interface EgressOptions {
  readonly transport: EgressTransport
  readonly resolver: Resolver
  /** Pairs of host and range that may be reached though the range is special. @default none */
  readonly allowedPrivate?: readonly AllowedPrivate[]
  /** Opens plain `http`, to loopback only: for a development host and embedded registries. @default false */
  readonly allowPlainHttpLoopback?: boolean
  /** Ports on loopback that stay closed even where loopback is open: the host's own listeners. */
  readonly closedLoopbackPorts?: () => Iterable<number>
  /** For requests that do not say. @default 30_000 */
  readonly timeoutMs?: number
  /** For requests that do not say. @default 10 MiB */
  readonly maxResponseBytes?: number
  /** Most bytes of the answer's headers. @default 65_536 */
  readonly maxHeaderBytes?: number
  /** @default 5 */
  readonly maxRedirects?: number
  /** Sent when the request names none. @default 'Morphee' */
  readonly userAgent?: string
  readonly clock?: Clock
}

/** The one way to the network. */
export interface Egress {
  /**
   * Sends `request` and reads the whole answer.
   *
   * The order is fixed: URL, permission, rate, name, addresses, credential, wire; a redirect of a read goes through all of
   * it again. Every refusal is an {@link EgressError} with its own code; what `permit`, `charge`, `credential` and `onHop`
   * throw is passed through, and so is the reason of the caller's signal.
   *
   * @throws `ERR_EGRESS_*`
   */
  fetch(request: EgressRequest, context: EgressContext): Promise<EgressResponse>
  /** {@link Egress.fetch} without waiting for the body, which stays under the same deadline, caps and checks. */
  stream(request: EgressRequest, context: EgressContext): Promise<EgressStreamResponse>
  /** Ends every connection. Requests after it fail with `ERR_EGRESS_UNREACHABLE`. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Makes the guard that everything which fetches is handed. */
export function createEgress(options: EgressOptions): Egress {
  const guard: Guard = {
    transport: options.transport,
    resolver: options.resolver,
    addresses: {
      allowedPrivate: compileAllowedPrivate(options.allowedPrivate ?? []),
      plainHttpLoopback: options.allowPlainHttpLoopback ?? false,
      closedPorts: options.closedLoopbackPorts ?? (() => []),
    },
    plainHttp: options.allowPlainHttpLoopback ?? false,
    maxHeaderBytes: options.maxHeaderBytes ?? 65_536,
    maxRedirects: options.maxRedirects ?? 5,
    userAgent: options.userAgent ?? 'Morphee',
    clock: options.clock ?? systemClock,
  }
  const close = (): Promise<void> => options.transport.close()
  return {
    async fetch(request, context) {
      const exchange = createExchange(guard, options, request, context)
      const answer = await follow(exchange)
      const chunks: Uint8Array[] = []
      for await (const chunk of readAnswer(exchange, answer)) chunks.push(chunk)
      const { bytesSent, bytesReceived, redactions } = exchange
      return {
        ...describe(exchange, answer),
        body: concatBytes(chunks),
        bytesSent,
        bytesReceived,
        redactions,
      }
    },
    async stream(request, context) {
      const exchange = createExchange(guard, options, request, context)
      const answer = await follow(exchange)
      const chunks = readAnswer(exchange, answer)
      await chunks.next()
      const body = streamOf(chunks, exchange.deadline.signal)
      return { ...describe(exchange, answer), body }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function createExchange(
  guard: Guard,
  options: EgressOptions,
  request: EgressRequest,
  context: EgressContext,
): Exchange {
  const url = parseTarget(request.url, { plainHttp: guard.plainHttp })
  const method = parseMethod(request.method ?? 'GET', request.body !== undefined)
  const headers = cleanRequestHeaders(request.headers ?? [])
  if (context.guestAuth !== true) refuseGuestAuth(url, request.headers ?? [])
  return {
    guard,
    context,
    url,
    method,
    headers,
    body: request.body,
    bodyLength: lengthOf(request),
    decompress: request.decompress ?? true,
    maxResponseBytes: request.maxResponseBytes ?? options.maxResponseBytes ?? 10 * 1024 * 1024,
    origin: url.origin,
    leftOrigin: false,
    bytesSent: 0,
    bytesReceived: 0,
    redactions: 0,
    deadline: new Deadline(request.timeoutMs ?? options.timeoutMs ?? 30_000, request.signal),
  }
}

// Without a body the transport knows the framing itself.
function lengthOf({ body, bodyLength }: EgressRequest): number | undefined {
  return body instanceof Uint8Array ? body.length : body === undefined ? undefined : bodyLength
}

async function follow(exchange: Exchange): Promise<HopAnswer> {
  let { url } = exchange
  let redirectedFrom: URL | undefined
  try {
    for (let hop = 0; ; hop++) {
      stripMethodOverride(url)
      const step = redirectedFrom === undefined ? { hop } : { hop, redirectedFrom }
      const answer = await sendHop(exchange, url, step)
      const next = await discardRedirect(exchange, answer, hop)
      if (next === undefined) return answer
      redirectedFrom = url
      url = next
    }
  } catch (error) {
    exchange.deadline.close()
    const { body } = exchange
    if (body instanceof ReadableStream && !body.locked) await body.cancel(error)
    throw explainAbort(exchange, error, hostOf(url), false)
  }
}

async function discardRedirect(
  exchange: Exchange,
  answer: HopAnswer,
  hop: number,
): Promise<URL | undefined> {
  let error: string | undefined
  let next: URL | undefined
  try {
    next = redirectTarget(exchange, answer, hop)
  } catch (thrown) {
    error = outcomeOf(exchange, thrown)
    throw thrown
  } finally {
    if (next !== undefined || error !== undefined) {
      await answer.body.cancel().catch(() => undefined)
      exchange.redactions += answer.headerRedactions
      await answer.end(error === undefined ? {} : { error })
    }
  }
  return next
}

function describe(
  exchange: Exchange,
  answer: HopAnswer,
): { status: number; headers: readonly EgressHeader[]; url: string } {
  const decoded = exchange.decompress && answer.contentEncoding !== undefined
  // They describe what was sent, not what is handed over.
  const headers = decoded
    ? answer.headers.filter(({ name }) => name !== 'content-encoding' && name !== 'content-length')
    : answer.headers
  return { status: answer.status, headers, url: answer.url.href }
}
