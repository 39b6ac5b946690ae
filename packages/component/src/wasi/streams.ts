import { ComponentError } from '../errors.ts'
import { WasiFault } from './fault.ts'
import { type Pollable, readyNow } from './poll.ts'

/** `wasi:io/error` `error`: why a stream failed. */
export class IoError {
  readonly #message: string
  /** What the interface that the stream belongs to says about it, such as a filesystem's error code. */
  readonly code: string | undefined

  constructor(message: string, code?: string) {
    this.#message = message
    this.code = code
  }

  toDebugString(): string {
    return this.#message
  }
}

/** The stream is over. */
export function closed(): ComponentError {
  return new ComponentError({ tag: 'closed' })
}

/** The last operation failed. */
export function failed(message: string, code?: string): ComponentError {
  return new ComponentError({ tag: 'last-operation-failed', val: new IoError(message, code) })
}

/** Most bytes that one read gives or one write is invited to take. */
export const CHUNK_BYTES: number = 64 * 1024

/** Where an input stream reads from: bytes that are there, at an offset that moves. */
export type Source = (length: number) => Uint8Array | undefined

/** `wasi:io/streams` `input-stream` over bytes in memory. */
export class InputStream {
  readonly #signal: AbortSignal
  readonly #source: Source
  readonly #release: (() => void) | undefined

  /**
   * `source` gives up to so many bytes, and `undefined` at the end. It may throw {@link failed}. `release` is told when the guest
   * lets go of the stream.
   */
  constructor(signal: AbortSignal, source: Source, release?: () => void) {
    this.#signal = signal
    this.#source = source
    this.#release = release
  }

  [Symbol.dispose](): void {
    this.#release?.()
  }

  read(length: bigint): Uint8Array {
    const bytes = this.#source(length > BigInt(CHUNK_BYTES) ? CHUNK_BYTES : Number(length))
    if (bytes === undefined) throw closed()
    return bytes
  }

  blockingRead(length: bigint): Uint8Array {
    return this.read(length)
  }

  skip(length: bigint): bigint {
    return BigInt(this.read(length).length)
  }

  blockingSkip(length: bigint): bigint {
    return this.skip(length)
  }

  subscribe(): Pollable {
    return readyNow(this.#signal)
  }
}

/** Where an output stream writes to. */
export interface Sink {
  /** Takes bytes that are the sink's own from now on. May throw {@link failed}. */
  write(bytes: Uint8Array): void
  /** Resolves when everything that was written is where it belongs. */
  flush?(): Promise<void>
  /** The guest has let go of the stream. */
  release?(): void
}

/** `wasi:io/streams` `output-stream`. */
export class OutputStream {
  readonly #signal: AbortSignal
  readonly #sink: Sink
  #closed = false

  constructor(signal: AbortSignal, sink: Sink) {
    this.#signal = signal
    this.#sink = sink
  }

  [Symbol.dispose](): void {
    this.#sink.release?.()
  }

  /** Takes no more. */
  close(): void {
    this.#closed = true
  }

  checkWrite(): bigint {
    if (this.#closed) throw closed()
    return BigInt(CHUNK_BYTES)
  }

  write(bytes: Uint8Array): void {
    if (this.#closed) throw closed()
    // WASI: a guest that writes more than `check-write` permitted is ended.
    if (bytes.length > CHUNK_BYTES)
      throw new WasiFault(`more than ${CHUNK_BYTES} bytes were written at once`)
    this.#sink.write(bytes.slice())
  }

  writeZeroes(length: bigint): void {
    // The same bound as `check-write` names: more than that was not offered.
    if (length > BigInt(CHUNK_BYTES)) throw failed(`more than ${CHUNK_BYTES} bytes at once`)
    this.write(new Uint8Array(Number(length)))
  }

  flush(): void {
    if (this.#closed) throw closed()
  }

  async blockingFlush(): Promise<void> {
    if (this.#closed) throw closed()
    await this.#sink.flush?.()
  }

  async blockingWriteAndFlush(bytes: Uint8Array): Promise<void> {
    this.write(bytes)
    await this.#sink.flush?.()
  }

  async blockingWriteZeroesAndFlush(length: bigint): Promise<void> {
    this.writeZeroes(length)
    await this.#sink.flush?.()
  }

  splice(source: InputStream, length: bigint): bigint {
    const bytes = source.read(length)
    this.write(bytes)
    return BigInt(bytes.length)
  }

  async blockingSplice(source: InputStream, length: bigint): Promise<bigint> {
    const moved = this.splice(source, length)
    await this.#sink.flush?.()
    return moved
  }

  subscribe(): Pollable {
    return readyNow(this.#signal)
  }
}

/** A source of the bytes that are there now. */
export function sourceOf(bytes: Uint8Array): Source {
  let at = 0
  return (length) => {
    if (at >= bytes.length) return undefined
    const chunk = bytes.slice(at, at + length)
    at += chunk.length
    return chunk
  }
}

/** `wasi:io/error` and `wasi:io/streams`. */
export function createStreams(): { readonly error: object; readonly streams: object } {
  return { error: { Error: IoError }, streams: { InputStream, OutputStream } }
}
