import { redactText } from './body/redactor.ts'
import type { EgressHop } from './context.ts'
import { charge, type Exchange } from './exchange.ts'
import type { AppliedCredential } from './headers/credential-headers.ts'
import { cleanResponseHeaders, headerValue, retryAfterMs } from './headers/response-headers.ts'
import { explainAbort } from './outcome.ts'
import type { EgressHeader } from './request.ts'
import type { TransportResponse } from './transport.ts'
import { hostOf } from './url/parse-target.ts'

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

/** One URL to be asked, the first or a redirect. */
export interface Hop {
  readonly url: URL
  readonly hop: number
  /** The exchange's count before this hop was charged. */
  readonly sentBefore: number
}

/** One try to send one hop to one address. */
export class Attempt {
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

/** The size of a head as HTTP/1.1 writes it: the first line, and a colon, a space and a line end for each field. */
export function headBytes(headers: readonly EgressHeader[], line: string): number {
  return headers.reduce(
    (sum, { name, value }) => sum + name.length + value.length + 4,
    line.length + 13,
  )
}
