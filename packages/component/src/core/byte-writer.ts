import { unsigned } from './leb.ts'

/** Writes bytes that are mostly copied from `source`. */
export class ByteWriter {
  readonly #source: Uint8Array
  #bytes: Uint8Array<ArrayBuffer>
  #at = 0

  constructor(source: Uint8Array, expected: number) {
    this.#source = source
    this.#bytes = new Uint8Array(expected)
  }

  /** An unsigned LEB128. */
  number(value: number): void {
    this.put(unsigned(value))
  }

  put(bytes: readonly number[]): void {
    this.#reserve(bytes.length)
    for (let i = 0; i < bytes.length; i++) this.#bytes[this.#at + i] = bytes[i] as number
    this.#at += bytes.length
  }

  /** Copies `start` to `end` of the source. */
  copy(start: number, end: number): void {
    this.#reserve(end - start)
    // A view costs more than a few bytes.
    if (end - start < 48)
      for (let i = start; i < end; i++)
        this.#bytes[this.#at + i - start] = this.#source[i] as number
    else this.#bytes.set(this.#source.subarray(start, end), this.#at)
    this.#at += end - start
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#at)
  }

  #reserve(length: number): void {
    if (this.#at + length <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + length))
    larger.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = larger
  }
}

/** How many bytes {@link ByteWriter.number} writes. */
export function lengthOf(value: number): number {
  return unsigned(value).length
}
