import { SHORT_TEXT, shortAscii } from '../abi/strings.ts'
import { EngineError } from '../errors.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A buffer that grows while values are written into it. */
export class ByteWriter {
  #bytes = new Uint8Array(256)
  #view = new DataView(this.#bytes.buffer)
  at = 0

  #room(count: number): void {
    const need = this.at + count
    if (need <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(need, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.at))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }

  /** Makes room for `width` bytes, moves past them and gives the view to write them with. */
  view(width: number): DataView {
    this.#room(width)
    this.at += width
    return this.#view
  }

  byte(value: number): void {
    this.#room(1)
    this.#bytes[this.at++] = value
  }

  /** A `u32` in LEB128. */
  u32(value: number): void {
    this.#room(5)
    let rest = value
    while (rest >= 0x80) {
      this.#bytes[this.at++] = (rest & 0x7f) | 0x80
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.at++] = rest
  }

  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length)
    this.#bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  string(text: string): void {
    if (text.length < 0x80 && this.#ascii(text)) return
    const bytes = encoder.encode(text)
    this.u32(bytes.length)
    this.bytes(bytes)
  }

  /** Writes a short text whose characters are a byte each; one with others is left unwritten. */
  #ascii(text: string): boolean {
    const { length } = text
    this.#room(1 + length)
    const bytes = this.#bytes
    const start = this.at + 1
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code >= 0x80) return false
      bytes[start + i] = code
    }
    bytes[this.at] = length
    this.at = start + length
    return true
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.at)
  }
}

/** Reads what {@link ByteWriter} wrote, trusting none of it. */
export class ByteReader {
  readonly #bytes: Uint8Array
  readonly view: DataView
  readonly #maxCost: number
  #left: number
  #at = 0

  constructor(bytes: Uint8Array, maxCost: number) {
    this.#bytes = bytes
    this.#maxCost = maxCost
    this.#left = maxCost
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  fail(what: string): EngineError<'ERR_COMPONENT_VALUE_MALFORMED'> {
    return new EngineError(
      'ERR_COMPONENT_VALUE_MALFORMED',
      `Cannot decode component values: ${what} (byte ${this.#at})`,
      { offset: this.#at },
    )
  }

  /** Counts what is about to be made of the bytes, which may be far larger than they are. */
  charge(cost: number): void {
    this.#left -= cost
    if (this.#left >= 0) return
    throw new EngineError(
      'ERR_COMPONENT_LIMIT',
      `Cannot decode component values: they take more than maxCallBytes (${this.#maxCost})`,
      { limit: 'maxCallBytes', maximum: this.#maxCost },
    )
  }

  /** Where the next `width` bytes are, having moved past them. */
  skip(width: number): number {
    const at = this.#at
    if (width > this.#bytes.length - at) throw this.fail('unexpected end')
    this.#at += width
    return at
  }

  byte(): number {
    return this.#bytes[this.skip(1)] as number
  }

  u32(): number {
    let value = 0
    for (let i = 0; i < 5; i++) {
      const byte = this.byte()
      if (i === 4 && byte > 0x0f) throw this.fail('a number does not fit 32 bits')
      value += (byte & 0x7f) * 2 ** (7 * i)
      if (byte < 0x80) {
        if (i > 0 && byte === 0) throw this.fail('a number is longer than it needs to be')
        return value
      }
    }
    throw this.fail('a number does not fit 32 bits')
  }

  /** The length of a list, checked against the bytes that are left. */
  count(least: number): number {
    const length = this.u32()
    if (length * least > this.#bytes.length - this.#at)
      throw this.fail('a list is longer than its bytes')
    return length
  }

  bytes(length: number): Uint8Array {
    const at = this.skip(length)
    return this.#bytes.subarray(at, at + length)
  }

  string(): string {
    const length = this.u32()
    const at = this.skip(length)
    this.charge(length)
    const text = length <= SHORT_TEXT ? shortAscii(this.#bytes, at, length) : undefined
    if (text !== undefined) return text
    try {
      return decoder.decode(this.#bytes.subarray(at, at + length))
    } catch {
      throw this.fail('a string is not UTF-8')
    }
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw this.fail('bytes are left over')
  }
}
