import { type EngineError, invalid, malformed, unsupported } from '../errors.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Reads the primitives of the WebAssembly binary format; every failure names the byte offset in the whole file. */
export class Reader {
  readonly bytes: Uint8Array
  readonly end: number
  at: number

  constructor(bytes: Uint8Array, at = 0, end: number = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  get done(): boolean {
    return this.at >= this.end
  }

  byte(): number {
    if (this.at >= this.end) throw malformed(this.at, 'unexpected end')
    return this.bytes[this.at++] as number
  }

  peek(): number | undefined {
    return this.at < this.end ? this.bytes[this.at] : undefined
  }

  take(count: number): Uint8Array {
    if (count > this.end - this.at) throw malformed(this.at, 'unexpected end')
    const bytes = this.bytes.subarray(this.at, this.at + count)
    this.at += count
    return bytes
  }

  u32(): number {
    const start = this.at
    let value = 0
    for (let i = 0; i < 5; i++) {
      const byte = this.byte()
      if (i === 4 && byte > 0x0f) throw malformed(start, 'a number does not fit 32 bits')
      value += (byte & 0x7f) * 2 ** (7 * i)
      if (byte < 0x80) return value
    }
    throw malformed(start, 'a number is longer than five bytes')
  }

  /** A `u64`, as a number when it is safe; larger ones become `Infinity`, which no limit admits. */
  u64(): number {
    const start = this.at
    let value = 0n
    for (let i = 0n; i < 10n; i++) {
      const byte = this.byte()
      if (i === 9n && byte > 1) throw malformed(start, 'a number does not fit 64 bits')
      value |= BigInt(byte & 0x7f) << (7n * i)
      if (byte < 0x80) return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Infinity
    }
    throw malformed(start, 'a number is longer than ten bytes')
  }

  /** A signed LEB128 of up to 33 bits (type indices and type opcodes share it). */
  s33(): number {
    const start = this.at
    let value = 0
    for (let i = 0; i < 5; i++) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** (7 * i)
      if (byte < 0x80) {
        const bits = Math.min(7 * (i + 1), 33)
        if (i === 4) {
          const high = byte & 0x70
          const sign = byte & 0x10
          if (sign ? high !== 0x70 : high !== 0) {
            throw malformed(start, 'a number does not fit 33 bits')
          }
          value %= 2 ** 33
        }
        return value >= 2 ** (bits - 1) ? value - 2 ** bits : value
      }
    }
    throw malformed(start, 'a number is longer than five bytes')
  }

  /** Skips a signed or unsigned LEB128 of at most `maxBytes`. */
  skipLeb(maxBytes: number): void {
    const start = this.at
    for (let i = 0; i < maxBytes; i++) if (this.byte() < 0x80) return
    throw malformed(start, 'a number is too long')
  }

  name(): string {
    const start = this.at
    const length = this.u32()
    const bytes = this.take(length)
    try {
      return decoder.decode(bytes)
    } catch {
      throw malformed(start, 'a name is not UTF-8')
    }
  }

  /** A vector: its length is checked against the bytes left before anything is built. */
  vec<T>(read: (index: number) => T): T[] {
    const start = this.at
    const count = this.u32()
    if (count > this.end - this.at) throw malformed(start, 'a vector is longer than its section')
    const items: T[] = []
    for (let i = 0; i < count; i++) items.push(read(i))
    return items
  }

  fail(message: string, offset: number = this.at): never {
    throw malformed(offset, message)
  }

  /** The error of bytes that decode to what a rule forbids; to be thrown. */
  invalid(message: string, offset: number = this.at): EngineError<'ERR_COMPONENT_INVALID'> {
    return invalid(offset, message)
  }

  refuse(feature: string, offset: number = this.at): never {
    throw unsupported(offset, feature)
  }
}
