/** Most bytes of one message: what may cross the boundary of a component in one call, and room for what is around it. */
export const MAX_FRAME_BYTES: number = 65 * 1024 * 1024

const HEADER = 4

/** `bytes` behind their length. */
export function toFrame(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(HEADER + bytes.length)
  for (let i = 0; i < HEADER; i++) frame[i] = bytes.length >>> (8 * i)
  frame.set(bytes, HEADER)
  return frame
}

// By hand: a view of the bytes costs more than the four of them.
function readU32(bytes: Uint8Array): number {
  let value = 0
  for (let i = HEADER - 1; i >= 0; i--) value = value * 256 + (bytes[i] as number)
  return value
}

/** Puts frames together again from the pieces a pipe gives. */
export class FrameReader {
  #pieces: Uint8Array[] = []
  #have = 0

  /** Takes the next piece. @throws RangeError when a frame is announced that is too long */
  push(piece: Uint8Array): void {
    this.#pieces.push(piece)
    this.#have += piece.length
    this.#length()
  }

  /** The next whole frame, if it is there. @throws RangeError when the one behind it is too long */
  next(): Uint8Array | undefined {
    const length = this.#length()
    if (length === undefined || this.#have < HEADER + length) return undefined
    const all = this.#joined()
    this.#pieces = all.length === HEADER + length ? [] : [all.subarray(HEADER + length)]
    this.#have -= HEADER + length
    this.#length()
    return all.subarray(HEADER, HEADER + length)
  }

  /** The length that the frame at the front announces. */
  #length(): number | undefined {
    if (this.#have < HEADER) return undefined
    const first = this.#pieces[0] as Uint8Array
    const length = readU32(first.length < HEADER ? this.#joined() : first)
    if (length > MAX_FRAME_BYTES) throw new RangeError('A message is too long')
    return length
  }

  #joined(): Uint8Array {
    if (this.#pieces.length > 1) {
      const all = new Uint8Array(this.#have)
      let at = 0
      for (const piece of this.#pieces) {
        all.set(piece, at)
        at += piece.length
      }
      this.#pieces = [all]
    }
    return this.#pieces[0] as Uint8Array
  }
}
