import { type Dispatcher, errors } from 'undici'
import { EgressError } from '../errors.ts'
import type { EgressHeader } from '../request.ts'
import type { TransportRequest, TransportResponse } from '../transport.ts'
import { hostOf } from '../url/parse-target.ts'

const HIGH_WATER_BYTES = 256 * 1024

/** One request on its way through undici: a handler for its dispatcher, and the answer as a promise. */
export class ExchangeHandler implements Dispatcher.DispatchHandler {
  readonly answer: Promise<TransportResponse>
  readonly #request: TransportRequest
  readonly #resolve: (answer: TransportResponse) => void
  readonly #reject: (error: unknown) => void
  #controller: Dispatcher.DispatchController | undefined
  #body: ReadableStreamDefaultController<Uint8Array> | undefined
  #sent = false
  #ended = false

  constructor(request: TransportRequest) {
    const { promise, resolve, reject } = Promise.withResolvers<TransportResponse>()
    this.answer = promise
    this.#resolve = resolve
    this.#reject = reject
    this.#request = request
    request.signal.addEventListener('abort', this.#onAbort, { once: true })
  }

  readonly #onAbort = (): void => {
    const reason = this.#request.signal.reason as Error
    this.#controller?.abort(reason)
    this.#fail(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#ended) {
      controller.abort(this.#request.signal.reason as Error)
      return
    }
    this.#sent = true
    this.#request.onSend()
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number): void {
    if (status < 200) return
    const body = new ReadableStream<Uint8Array>(
      {
        start: (stream) => {
          this.#body = stream
        },
        pull: () => controller.resume(),
        cancel: () => {
          if (this.#ended) return
          this.#finish()
          controller.abort(new DOMException('The answer is not wanted any more', 'AbortError'))
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_BYTES }),
    )
    this.#resolve({ status, headers: readHeaders(controller.rawHeaders), body })
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#ended || chunk.length === 0) return
    this.#body?.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length))
    if ((this.#body?.desiredSize ?? 0) <= 0) controller.pause()
  }

  onResponseEnd(): void {
    if (this.#ended) return
    this.#finish()
    this.#body?.close()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(this.#explain(error))
  }

  #finish(): void {
    this.#ended = true
    this.#request.signal.removeEventListener('abort', this.#onAbort)
  }

  #fail(error: unknown): void {
    if (this.#ended) return
    this.#finish()
    this.#reject(error)
    this.#body?.error(error)
  }

  #explain(error: unknown): unknown {
    if (error instanceof EgressError) return error
    // A signal may be aborted with anything, and what throws here takes the process down.
    if (!(error instanceof Error)) return this.#explain(new Error('aborted', { cause: error }))
    const host = hostOf(this.#request.url)
    const reason = 'code' in error && typeof error.code === 'string' ? error.code : error.name
    if (reason === 'UND_ERR_HEADERS_OVERFLOW') {
      const limit = this.#request.maxHeaderBytes
      return new EgressError(
        'ERR_EGRESS_RESPONSE_TOO_LARGE',
        `Cannot take the answer: it has more than ${limit} bytes of headers`,
        { part: 'headers', limit },
        { cause: error },
      )
    }
    if (
      error instanceof errors.HTTPParserError ||
      reason === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
    ) {
      return new EgressError(
        'ERR_EGRESS_RESPONSE',
        `Cannot read the answer of "${host}": it is not proper HTTP (${reason})`,
        { host, reason },
        { cause: error },
      )
    }
    return new EgressError(
      'ERR_EGRESS_UNREACHABLE',
      `Cannot finish the exchange with "${host}": ${reason}`,
      { host, reason, sent: this.#sent },
      { cause: error },
    )
  }
}

function readHeaders(raw: Dispatcher.DispatchController['rawHeaders']): EgressHeader[] {
  if (!Array.isArray(raw)) throw new TypeError('undici gave no raw headers')
  const texts = raw.map((part) => (typeof part === 'string' ? part : part.toString('latin1')))
  const headers: EgressHeader[] = []
  for (let i = 0; i + 1 < texts.length; i += 2) {
    headers.push({ name: texts[i] ?? '', value: texts[i + 1] ?? '' })
  }
  return headers
}
