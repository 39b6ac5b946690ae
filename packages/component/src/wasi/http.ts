import { ComponentError } from '../errors.ts'
import { WasiFault } from './fault.ts'
import { costOfFields, type Field, Fields, isToken, offerFields } from './http-fields.ts'
import { type Pollable, readyAfter, readyNow } from './poll.ts'
import type { WasiResponse, WasiWorld } from './ports.ts'
import { failed, InputStream, OutputStream, sourceOf } from './streams.ts'

type ErrorCode = { readonly tag: string; readonly val?: unknown }
type Settled<T> =
  | { readonly tag: 'ok'; readonly val: T }
  | { readonly tag: 'err'; readonly val: ErrorCode }

/** Longest method, authority or path with its query, in characters. */
const MAX_PART = 8 * 1024
/** About what a request that is under way costs beside its headers and its body. */
const REQUEST_BYTES = 4 * 1024
const NO_MEMORY = 'there is no memory left for it'

const latin1 = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
const fromLatin1 = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0) & 0xff)

/** A body that is being written: whole in memory until it is finished. */
class OutgoingBody {
  readonly #world: WasiWorld
  // One array that grows: a list of what was written would cost the host hundreds of bytes for each byte of a guest's.
  #bytes = new Uint8Array()
  #length = 0
  #held = 0
  #stream: OutputStream | undefined
  readonly #done = Promise.withResolvers<void>()

  constructor(world: WasiWorld) {
    this.#world = world
    // Nobody may wait for it.
    this.#done.promise.catch(() => undefined)
  }

  /** The body, once it is finished; `undefined` when nothing was written. Rejected when it was dropped unfinished. */
  async whole(): Promise<Uint8Array | undefined> {
    await this.#done.promise
    return this.#stream === undefined ? undefined : this.#bytes.subarray(0, this.#length)
  }

  write(): OutputStream {
    if (this.#stream !== undefined) throw new ComponentError(undefined)
    this.#stream = new OutputStream(this.#world.signal, { write: (bytes) => this.#take(bytes) })
    return this.#stream
  }

  static finish(body: OutgoingBody, trailers: Fields | undefined): void {
    body.#stream?.close()
    if (trailers !== undefined) {
      body.#done.reject(new Error('trailers are not sent'))
      throw new ComponentError(internalError('trailers are not sent'))
    }
    body.#done.resolve()
  }

  /** Gives its bytes back: they were sent, or will not be. */
  release(): void {
    this.#world.buffered.tryTake(-this.#held)
    this.#held = 0
    // A stream of it may be held on to, and must not keep them.
    this.#bytes = new Uint8Array()
    this.#length = 0
  }

  [Symbol.dispose](): void {
    this.#stream?.close()
    this.release()
    // Dropped without `finish`, the request is not sent: half a body must not count as a whole one.
    this.#done.reject(new Error('the body was dropped before it was finished'))
  }

  #take(bytes: Uint8Array): void {
    const { maxFileBytes, buffered } = this.#world
    const length = this.#length + bytes.length
    if (length > maxFileBytes) throw failed(`the body is larger than ${maxFileBytes} bytes`)
    if (length > this.#bytes.length) {
      const capacity = Math.min(maxFileBytes, Math.max(length, 2 * this.#bytes.length, 256))
      const more = capacity - this.#bytes.length
      if (!buffered.tryTake(more)) throw failed(NO_MEMORY)
      this.#held += more
      const larger = new Uint8Array(capacity)
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.#length)
    this.#length = length
  }
}

type Method = { readonly tag: string; readonly val?: string }
type Scheme = { readonly tag: 'HTTP' | 'HTTPS' | 'other'; readonly val?: string }

/** A request that is put together, `wasi:http/types` `outgoing-request`. */
class OutgoingRequest {
  readonly #headers: Fields
  #method: Method = { tag: 'get' }
  #path: string | undefined
  #scheme: Scheme | undefined
  #authority: string | undefined
  outgoingBody: OutgoingBody | undefined

  constructor(headers: Fields) {
    this.#headers = headers.freeze()
  }

  /** It is sent, or will not be. */
  [Symbol.dispose](): void {
    this.#headers[Symbol.dispose]()
    this.outgoingBody?.[Symbol.dispose]()
  }

  method(): Method {
    return this.#method
  }

  setMethod(method: Method): void {
    if (method.tag === 'other' && !(isShort(method.val) && isToken(method.val ?? '')))
      throw new ComponentError(undefined)
    this.#method = method
  }

  pathWithQuery(): string | undefined {
    return this.#path
  }

  setPathWithQuery(path: string | undefined): void {
    // It is appended to scheme and authority, which it must not be able to change.
    if (!isShort(path) || (path !== undefined && !/^\/[\x21-\x7e]*$/.test(path)))
      throw new ComponentError(undefined)
    this.#path = path
  }

  scheme(): Scheme | undefined {
    return this.#scheme
  }

  setScheme(scheme: Scheme | undefined): void {
    if (scheme?.tag === 'other') throw new ComponentError(undefined)
    this.#scheme = scheme
  }

  authority(): string | undefined {
    return this.#authority
  }

  setAuthority(authority: string | undefined): void {
    const isAuthority = (text: string): boolean => /^[\w.~%!$&'()*+,;=:[\]-]+$/.test(text)
    if (!isShort(authority) || (authority !== undefined && !isAuthority(authority)))
      throw new ComponentError(undefined)
    this.#authority = authority
  }

  headers(): Fields {
    return this.#headers.clone().freeze()
  }

  /** The request without its body, or why it is none. */
  head(): { method: string; url: string; headers: [string, string][] } | ErrorCode {
    if (this.#authority === undefined) return { tag: 'HTTP-request-URI-invalid' }
    const scheme = this.#scheme?.tag === 'HTTP' ? 'http' : 'https'
    const url = URL.parse(`${scheme}://${this.#authority}${this.#path ?? '/'}`)
    if (url === null) return { tag: 'HTTP-request-URI-invalid' }
    const method = this.#method.tag === 'other' ? (this.#method.val ?? '') : this.#method.tag
    return {
      method: method.toUpperCase(),
      url: url.href,
      headers: this.#headers.entries().map(([name, value]) => [name, latin1(value)]),
    }
  }
}

function isShort(text = ''): boolean {
  return text.length <= MAX_PART
}

class RequestOptions {
  #connect: bigint | undefined
  #firstByte: bigint | undefined
  #betweenBytes: bigint | undefined
  connectTimeout = (): bigint | undefined => this.#connect
  setConnectTimeout = (value: bigint | undefined): void => void (this.#connect = value)
  firstByteTimeout = (): bigint | undefined => this.#firstByte
  setFirstByteTimeout = (value: bigint | undefined): void => void (this.#firstByte = value)
  betweenBytesTimeout = (): bigint | undefined => this.#betweenBytes
  setBetweenBytesTimeout = (value: bigint | undefined): void => void (this.#betweenBytes = value)
}

class FutureTrailers {
  readonly #signal: AbortSignal
  #taken = false

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  subscribe(): Pollable {
    return readyNow(this.#signal)
  }

  get(): unknown {
    if (this.#taken) return { tag: 'err', val: undefined }
    this.#taken = true
    // Trailers are not passed on.
    return { tag: 'ok', val: { tag: 'ok', val: undefined } }
  }
}

/** An answer, counted from when they are there until the guest lets go of what leads to them. */
class HeldAnswer {
  readonly #world: WasiWorld
  #bytes: Uint8Array | undefined
  #cost: number

  /** @throws an `error-code` when the guest holds too much already */
  constructor(world: WasiWorld, bytes: Uint8Array, headers: readonly Field[]) {
    this.#cost = bytes.length + costOfFields(headers)
    if (!world.buffered.tryTake(this.#cost))
      throw new ComponentError({ tag: 'HTTP-response-body-size', val: undefined })
    this.#world = world
    this.#bytes = bytes
  }

  stream(): InputStream {
    const read = sourceOf(this.#bytes ?? new Uint8Array())
    // A stream that outlives its body has reached the end.
    let source: typeof read | undefined = read
    this.#closeStream = () => void (source = undefined)
    return new InputStream(this.#world.signal, (length) => source?.(length))
  }

  #closeStream: () => void = () => undefined

  release(): void {
    this.#world.buffered.tryTake(-this.#cost)
    this.#cost = 0
    this.#bytes = undefined
    this.#closeStream()
  }
}

class IncomingBody {
  readonly #world: WasiWorld
  readonly #held: HeldAnswer
  #taken = false

  constructor(world: WasiWorld, held: HeldAnswer) {
    this.#world = world
    this.#held = held
  }

  [Symbol.dispose](): void {
    this.#held.release()
  }

  stream(): InputStream {
    if (this.#taken) throw new ComponentError(undefined)
    this.#taken = true
    return this.#held.stream()
  }

  static finish(body: IncomingBody): FutureTrailers {
    body.#held.release()
    return new FutureTrailers(body.#world.signal)
  }
}

class IncomingResponse {
  readonly #world: WasiWorld
  readonly #status: number
  readonly #headers: readonly Field[]
  readonly #held: HeldAnswer
  #taken = false

  constructor(world: WasiWorld, { status, headers, body }: WasiResponse) {
    this.#world = world
    this.#status = status
    this.#headers = headers.map(([name, value]) => [name, fromLatin1(value)])
    this.#held = new HeldAnswer(world, body, this.#headers)
  }

  [Symbol.dispose](): void {
    if (!this.#taken) this.#held.release()
  }

  status(): number {
    return this.#status
  }

  headers(): Fields {
    return Fields.of(this.#world.buffered, this.#headers).freeze()
  }

  consume(): IncomingBody {
    if (this.#taken) throw new ComponentError(undefined)
    this.#taken = true
    return new IncomingBody(this.#world, this.#held)
  }
}

class FutureIncomingResponse {
  readonly #signal: AbortSignal
  readonly #over: Promise<unknown>
  #answer: Settled<IncomingResponse> | undefined
  #taken = false
  #dropped = false

  constructor(signal: AbortSignal, answer: Promise<Settled<IncomingResponse>>) {
    this.#signal = signal
    this.#over = answer.then((settled) => {
      this.#answer = settled
      if (this.#dropped) this.#forget()
    })
  }

  [Symbol.dispose](): void {
    this.#dropped = true
    this.#forget()
  }

  #forget(): void {
    if (!this.#taken && this.#answer?.tag === 'ok') this.#answer.val[Symbol.dispose]()
    this.#answer = undefined
  }

  subscribe(): Pollable {
    return readyAfter(this.#signal, this.#over)
  }

  get(): unknown {
    const answer = this.#answer
    if (answer === undefined) return this.#taken ? { tag: 'err', val: undefined } : undefined
    this.#taken = true
    // From here on it is the guest's, which lets go of it before the future.
    this.#answer = undefined
    return { tag: 'ok', val: answer }
  }
}

/** The server's half is there by name, for toolchains that import it whatever a program does: no request ever comes in. */
class IncomingRequest {}

class OutgoingResponse {
  readonly #headers: Fields
  #status = 200

  constructor(headers: Fields) {
    this.#headers = headers.freeze()
  }

  [Symbol.dispose](): void {
    this.#headers[Symbol.dispose]()
  }

  statusCode(): number {
    return this.#status
  }

  setStatusCode(status: number): void {
    this.#status = status
  }

  headers(): Fields {
    return this.#headers.clone().freeze()
  }

  body(): never {
    // There is nobody whom it would reach.
    throw new ComponentError(undefined)
  }
}

class ResponseOutparam {
  static set(): never {
    throw new WasiFault('a response was set, and no request came in')
  }
}

function internalError(message: string): ErrorCode {
  return { tag: 'internal-error', val: message }
}

/** The interfaces of `wasi:http`, the client's half: one request through the world's `fetch`, bodies whole. */
export function createHttp(world: WasiWorld): Readonly<Record<string, object>> {
  // The class is the guest's to construct, so it closes over the world.
  class Request extends OutgoingRequest {
    body(): OutgoingBody {
      if (this.outgoingBody !== undefined) throw new ComponentError(undefined)
      this.outgoingBody = new OutgoingBody(world)
      return this.outgoingBody
    }
  }
  return {
    types: {
      Fields: offerFields(world.buffered),
      OutgoingRequest: Request,
      OutgoingBody,
      RequestOptions,
      FutureTrailers,
      IncomingBody,
      IncomingResponse,
      FutureIncomingResponse,
      IncomingRequest,
      OutgoingResponse,
      ResponseOutparam,
      httpErrorCode: () => undefined,
    },
    'outgoing-handler': {
      handle: (request: OutgoingRequest): FutureIncomingResponse => {
        const head = request.head()
        if ('tag' in head || !world.buffered.tryTake(REQUEST_BYTES)) {
          request[Symbol.dispose]()
          throw new ComponentError('tag' in head ? head : internalError(NO_MEMORY))
        }
        return new FutureIncomingResponse(world.signal, send(world, head, request))
      },
    },
  }
}

async function send(
  world: WasiWorld,
  head: { readonly method: string; readonly url: string; readonly headers: [string, string][] },
  request: OutgoingRequest,
): Promise<Settled<IncomingResponse>> {
  try {
    const body = await request.outgoingBody?.whole()
    if (world.fetch === undefined) {
      world.onRefused?.('wasi:http/outgoing-handler')
      return { tag: 'err', val: { tag: 'HTTP-request-denied' } }
    }
    const response = await world.fetch({ ...head, body, signal: world.signal })
    return { tag: 'ok', val: new IncomingResponse(world, response) }
  } catch (error) {
    const { payload } = error as { readonly payload?: ErrorCode }
    if (error instanceof ComponentError && typeof payload?.tag === 'string')
      return { tag: 'err', val: payload }
    return { tag: 'err', val: internalError('the request failed') }
  } finally {
    // Counted until it is over, whether or not the guest still waits for it.
    request[Symbol.dispose]()
    world.buffered.tryTake(-REQUEST_BYTES)
  }
}
