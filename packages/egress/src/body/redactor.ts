import { concatBytes, encodeUtf8 } from '@morphee/core'

/** What stands in an answer where the credential stood. */
export const REDACTION = '[credential removed]'
const MARK = encodeUtf8(REDACTION)

/**
 * Replaces byte strings in a stream by {@link REDACTION}, also where a chunk ends in the middle of one.
 *
 * The search is Horspool's for a set: it looks at the last byte of a window as long as the shortest needle and skips by
 * that, so long tokens cost next to nothing.
 */
export class Redactor {
  readonly #needles: readonly Uint8Array[]
  readonly #shortest: number
  readonly #longest: number
  readonly #shift: Uint32Array
  #held: Uint8Array = new Uint8Array(0)
  /** How many were replaced so far. */
  count = 0

  constructor(needles: readonly Uint8Array[]) {
    // Longest first: of two that start at one place the longer one is cut out whole.
    this.#needles = needles
      .filter(({ length }) => length > 0)
      .toSorted((a, b) => b.length - a.length)
    this.#longest = this.#needles[0]?.length ?? 0
    this.#shortest = this.#needles.at(-1)?.length ?? 0
    this.#shift = new Uint32Array(256).fill(this.#shortest)
    for (const needle of this.#needles) {
      for (let i = 0; i < this.#shortest - 1; i++) {
        const byte = needle[i] ?? 0
        this.#shift[byte] = Math.min(this.#shift[byte] ?? 0, this.#shortest - 1 - i)
      }
    }
  }

  /** What of the stream is settled after `chunk`. With `last`, that is the rest. */
  push(chunk: Uint8Array, last = false): Uint8Array {
    if (this.#longest === 0) return chunk
    const bytes = this.#held.length === 0 ? chunk : concatBytes([this.#held, chunk])
    const out: Uint8Array[] = []
    let copied = 0
    // A needle that starts at or after this place may end in the next chunk.
    const settled = last ? bytes.length : bytes.length - this.#longest + 1
    let at = 0
    while (at < settled && at + this.#shortest <= bytes.length) {
      const hit = this.#matchAt(bytes, at)
      if (hit === 0) {
        at += this.#shift[bytes[at + this.#shortest - 1] ?? 0] ?? 1
        continue
      }
      out.push(bytes.subarray(copied, at), MARK)
      this.count++
      at += hit
      copied = at
    }
    const end = last ? bytes.length : Math.max(copied, Math.min(bytes.length, Math.max(0, settled)))
    out.push(bytes.subarray(copied, end))
    this.#held = bytes.slice(end)
    return out.length === 1 ? (out[0] ?? MARK) : concatBytes(out)
  }

  #matchAt(bytes: Uint8Array, at: number): number {
    for (const needle of this.#needles) {
      if (bytes[at] !== needle[0] || at + needle.length > bytes.length) continue
      let i = 1
      while (i < needle.length && bytes[at + i] === needle[i]) i++
      if (i === needle.length) return needle.length
    }
    return 0
  }
}

/** `text` with the needles replaced, and how many there were. */
export function redactText(
  text: string,
  needles: readonly Uint8Array[],
): { text: string; count: number } {
  if (needles.length === 0) return { text, count: 0 }
  const redactor = new Redactor(needles)
  const clean = redactor.push(encodeUtf8(text), true)
  return redactor.count === 0
    ? { text, count: 0 }
    : { text: new TextDecoder().decode(clean), count: redactor.count }
}
