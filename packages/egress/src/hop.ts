import { isPlatformError } from '@morphee/core'
import { checkAddresses } from './address/check-addresses.ts'
import { ACCEPTED_CODINGS } from './body/decode-body.ts'
import { redactText } from './body/redactor.ts'
import type { EgressHop, EgressStep } from './context.ts'
import { EgressError } from './errors.ts'
import { assertPermitted, charge, type Exchange } from './exchange.ts'
import { type AppliedCredential, applyCredential } from './headers/credential-headers.ts'
import { isAuthHeader } from './headers/guest-auth.ts'
import { cleanResponseHeaders, headerValue, retryAfterMs } from './headers/response-headers.ts'
import type { EgressHeader } from './request.ts'
import type { TransportResponse } from './transport.ts'
import { hostOf } from './url/parse-target.ts'

const MAX_ATTEMPTS = 4

/** How a hop ended, for its outcome. */
export interface HopEnd {
  readonly error?: string
  readonly redactions?: number
}

/** The head of an answer to one hop; the body has not been read. */
export interface HopAnswer {
  readonly url: URL
  readonly status: number
  readonly headers: readonly EgressHeader[]
  readonly contentEncoding: string | undefined
  readonly contentLength: number | undefined
  readonly body: ReadableStream<Uint8Array>
  /** What must not come back in the body either. */
  readonly needles: readonly Uint8Array[]
  /** Whether the credential stood in a header. */
  readonly headerRedactions: number
  /** Reports the outcome; to be called once, when the body is read, discarded or lost. */
  end(end: HopEnd): Promise<void>
}

/**
 * Sends one hop, with every check there is, in the order of the design: permission, rate, names, addresses, credential,
 * wire. The first request and each redirect come through here alike.
 */
export async function sendHop(exchange: Exchange, url: URL, step: EgressStep): Promise<HopAnswer> {
  const { guard, context, deadline, method } = exchange
  deadline.signal.throwIfAborted()
  assertPermitted(await askPermission(exchange, url, step), url, method)
  const sentBefore = exchange.bytesSent
  await charge(exchange, { kind: 'request', url: new URL(url), method })
  await charge(exchange, { kind: 'bytes', sent: knownBytes(exchange, url), received: 0 })
  const host = hostOf(url)
  const addresses = await resolve(exchange, host)
  checkAddresses(url, host, addresses, guard.addresses)
  if (url.origin !== exchange.origin) exchange.leftOrigin = true
  const credential = exchange.leftOrigin
    ? undefined
    : await deadline.race(context.credential?.(new URL(url)))
  const applied = applyCredential(url, requestHeaders(exchange), credential)
  const hop = { url, hop: step.hop, sentBefore }
  return sendToFirst(exchange, hop, addresses.slice(0, MAX_ATTEMPTS), applied)
}

// A streamed body is charged as it goes.
function knownBytes(exchange: Exchange, url: URL): number {
  const { method, body } = exchange
  const head = headBytes(requestHeaders(exchange), `${method} ${url.pathname}${url.search}`)
  return head + (body instanceof Uint8Array ? body.length : 0)
}

function askPermission(
  exchange: Exchange,
  url: URL,
  step: EgressStep,
): Promise<Parameters<typeof assertPermitted>[0]> {
  // A copy: what was permitted is what is sent, whatever the asked party does with the object.
  const answer = exchange.context.permit(new URL(url), exchange.method, step)
  return exchange.deadline.pauseFor(Promise.resolve(answer))
}

async function resolve(exchange: Exchange, host: string): Promise<readonly string[]> {
  if (host.includes(':') || /^[\d.]+$/.test(host)) return [host]
  const { resolver } = exchange.guard
  const addresses = await exchange.deadline.race(resolver.resolve(host, exchange.deadline.signal))
  if (addresses.length > 0) return addresses
  throw new EgressError(
    'ERR_EGRESS_UNREACHABLE',
    `Cannot find "${host}": its name has no address`,
    {
      host,
      reason: 'no-address',
      sent: false,
    },
  )
}

function requestHeaders(exchange: Exchange): EgressHeader[] {
  const { guard, bodyLength, decompress } = exchange
  const headers = exchange.leftOrigin
    ? exchange.headers.filter(({ name }) => !isAuthHeader(name))
    : [...exchange.headers]
  if (headerValue(headers, 'user-agent') === undefined) {
    headers.push({ name: 'user-agent', value: guard.userAgent })
  }
  headers.push({ name: 'accept-encoding', value: decompress ? ACCEPTED_CODINGS : 'identity' })
  if (bodyLength !== undefined) headers.push({ name: 'content-length', value: String(bodyLength) })
  return headers
}

async function sendToFirst(
  exchange: Exchange,
  hop: Hop,
  addresses: readonly string[],
  applied: AppliedCredential,
): Promise<HopAnswer> {
  for (const [index, address] of addresses.entries()) {
    const attempt = new Attempt(exchange, hop, address)
    try {
      return await attempt.send(applied)
    } catch (error) {
      const told = attempt.explain(error)
      await attempt.end({ error: outcomeOf(exchange, told) })
      // Only a connection that never came about may be tried elsewhere: a request is sent once.
      const mayTryNext = isPlatformError(told, 'ERR_EGRESS_UNREACHABLE') && !attempt.sent
      if (!mayTryNext || index === addresses.length - 1) throw told
    }
  }
  throw new RangeError('A hop needs an address')
}

/** What an outcome says about `error`. */
export function outcomeOf({ deadline }: Exchange, error: unknown): string {
  if (isPlatformError(error)) return error.code
  return deadline.signal.aborted && error === deadline.signal.reason ? 'cancelled' : 'ERR_INTERNAL'
}

interface Hop {
  readonly url: URL
  readonly hop: number
  /** The exchange's count before this hop was charged. */
  readonly sentBefore: number
}

/** One try to send one hop to one address. */
class Attempt {
  readonly #exchange: Exchange
  readonly #target: Omit<Extract<EgressHop, { phase: 'intent' }>, 'phase'>
  readonly #url: URL
  readonly #sentBefore: number
  readonly #receivedBefore: number
  #recorded = false
  #status: number | undefined
  #retryAfterMs: number | undefined
  sent = false

  constructor(exchange: Exchange, { url, hop, sentBefore }: Hop, address: string) {
    this.#exchange = exchange
    // A copy again: whoever is told what is about to happen cannot change it.
    this.#target = { hop, url: new URL(url), method: exchange.method, address }
    this.#url = url
    this.#sentBefore = sentBefore
    this.#receivedBefore = exchange.bytesReceived
  }

  async send(applied: AppliedCredential): Promise<HopAnswer> {
    const { guard, context, deadline, method, body } = this.#exchange
    const { address } = this.#target
    await context.onHop?.({ phase: 'intent', ...this.#target })
    this.#recorded = true
    const answer = await deadline.race(
      guard.transport.send({
        url: applied.url,
        address,
        partition: context.partition,
        method,
        headers: applied.headers,
        body: body instanceof ReadableStream ? this.#upload(body) : body,
        signal: deadline.signal,
        maxHeaderBytes: guard.maxHeaderBytes,
        onSend: () => {
          this.sent = true
        },
      }),
    )
    this.sent = true
    return await this.#read(this.#url, answer, applied.needles)
  }

  async #read(
    url: URL,
    answer: TransportResponse,
    needles: readonly Uint8Array[],
  ): Promise<HopAnswer> {
    const { status } = answer
    try {
      await charge(this.#exchange, {
        kind: 'bytes',
        sent: 0,
        received: headBytes(answer.headers, `HTTP/1.1 ${status}`),
      })
      const { clock } = this.#exchange.guard
      this.#status = status
      this.#retryAfterMs = retryAfterMs(status, answer.headers, clock.now())
      let headerRedactions = 0
      const headers = cleanResponseHeaders(answer.headers).map(({ name, value }) => {
        const clean = redactText(value, needles)
        headerRedactions += clean.count
        return { name, value: clean.text }
      })
      const length = headerValue(headers, 'content-length')
      return {
        url,
        status,
        headers,
        contentEncoding: headerValue(headers, 'content-encoding'),
        contentLength: length === undefined ? undefined : Number(length),
        body: answer.body,
        needles,
        headerRedactions,
        end: (end) => this.end({ ...end, redactions: (end.redactions ?? 0) + headerRedactions }),
      }
    } catch (error) {
      await answer.body.cancel().catch(() => undefined)
      throw error
    }
  }

  /** The caller's stream, counted. Reading starts when the transport has a connection. */
  async *#upload(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
    const reader = body.getReader()
    try {
      for (;;) {
        const next = await this.#exchange.deadline.race(reader.read())
        if (next.done) return
        await charge(this.#exchange, { kind: 'bytes', sent: next.value.length, received: 0 })
        yield next.value
      }
    } finally {
      // Nobody waits for whoever fills the stream.
      reader.cancel().catch(() => undefined)
      reader.releaseLock()
    }
  }

  async end({ error, redactions }: HopEnd): Promise<void> {
    if (!this.#recorded) return
    this.#recorded = false
    await this.#exchange.context.onHop?.({
      phase: 'outcome',
      ...this.#target,
      ...(this.#status === undefined ? {} : { status: this.#status }),
      ...(error === undefined ? {} : { error }),
      ...(this.#retryAfterMs === undefined ? {} : { retryAfterMs: this.#retryAfterMs }),
      sent: this.sent,
      bytesSent: this.sent ? this.#exchange.bytesSent - this.#sentBefore : 0,
      bytesReceived: this.#exchange.bytesReceived - this.#receivedBefore,
      redactions: redactions ?? 0,
    })
  }

  /** What the caller is told about `error`: a deadline that passed is a timeout, whatever it broke. */
  explain(error: unknown): unknown {
    return explainAbort(this.#exchange, error, hostOf(this.#target.url), this.sent)
  }
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

// As HTTP/1.1 writes it: a colon, a space and a line end for each field, and the first line.
function headBytes(headers: readonly EgressHeader[], line: string): number {
  return headers.reduce(
    (sum, { name, value }) => sum + name.length + value.length + 4,
    line.length + 13,
  )
}
