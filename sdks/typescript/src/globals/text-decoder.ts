const LABELS = new Set([
  'utf-8',
  'utf8',
  'unicode-1-1-utf-8',
  'unicode11utf8',
  'unicode20utf8',
  'x-unicode20utf8',
])

// What a lead byte promises: how many bytes follow, and the range of the first of them, which shuts out overlong forms,
// surrogates and everything above U+10FFFF (Unicode, table 3-7).
function sequenceOf(lead: number): { rest: number; low: number; high: number } | undefined {
  if (lead >= 0xc2 && lead <= 0xdf) return { rest: 1, low: 0x80, high: 0xbf }
  if (lead >= 0xe0 && lead <= 0xef) {
    return { rest: 2, low: lead === 0xe0 ? 0xa0 : 0x80, high: lead === 0xed ? 0x9f : 0xbf }
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    return { rest: 3, low: lead === 0xf0 ? 0x90 : 0x80, high: lead === 0xf4 ? 0x8f : 0xbf }
  }
  return undefined
}

/** Strings from UTF-8, as in the Encoding Standard, with `fatal`, `ignoreBOM` and `stream`. Other encodings are refused. */
export class TextDecoder {
  readonly fatal: boolean
  readonly ignoreBOM: boolean
  #pending: number[] = []
  #begun = false

  constructor(label = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    if (!LABELS.has(String(label).trim().toLowerCase())) {
      throw new RangeError(`This extension decodes UTF-8 only, not "${label}"`)
    }
    this.fatal = options.fatal ?? false
    this.ignoreBOM = options.ignoreBOM ?? false
  }

  get encoding(): string {
    return 'utf-8'
  }

  decode(input?: ArrayBuffer | ArrayBufferView | null, options: { stream?: boolean } = {}): string {
    const stream = options.stream ?? false
    const bytes = this.#take(input)
    const [text, end] = this.#text(bytes, stream)
    this.#pending = stream ? Array.from(bytes.subarray(end)) : []
    const begins = !this.#begun
    this.#begun = stream && (this.#begun || text !== '')
    return begins && !this.ignoreBOM && text.startsWith('\uFEFF') ? text.slice(1) : text
  }

  #take(input: ArrayBuffer | ArrayBufferView | null | undefined): Uint8Array {
    const bytes =
      input === undefined || input === null
        ? new Uint8Array()
        : ArrayBuffer.isView(input)
          ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
          : new Uint8Array(input)
    return this.#pending.length === 0 ? bytes : Uint8Array.of(...this.#pending, ...bytes)
  }

  // The text, and where an unfinished sequence begins that the next chunk may complete.
  #text(bytes: Uint8Array, stream: boolean): [string, number] {
    let text = ''
    let units: number[] = []
    let at = 0
    while (at < bytes.length) {
      const lead = bytes[at] as number
      if (lead < 0x80) {
        units.push(lead)
        at++
      } else {
        const [point, size, unfinished] = readSequence(bytes, at)
        if (unfinished && stream) break
        if (point === undefined) units.push(this.#malformed())
        else if (point > 0xffff) units.push(0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff))
        else units.push(point)
        at += size
      }
      // Few enough arguments for one call.
      if (units.length > 4000) {
        text += String.fromCharCode(...units)
        units = []
      }
    }
    return [text + String.fromCharCode(...units), at]
  }

  #malformed(): number {
    if (!this.fatal) return 0xfffd
    this.#pending = []
    this.#begun = false
    throw new TypeError('The bytes are not UTF-8')
  }
}

// A malformed sequence is as long as its well-formed beginning, so that each maximal part becomes one U+FFFD.
function readSequence(
  bytes: Uint8Array,
  at: number,
): [point: number | undefined, size: number, unfinished: boolean] {
  const lead = bytes[at] as number
  const sequence = sequenceOf(lead)
  if (sequence === undefined) return [undefined, 1, false]
  let { low, high } = sequence
  let point = lead & (0x3f >> sequence.rest)
  for (let i = 1; i <= sequence.rest; i++) {
    const next = bytes[at + i]
    if (next === undefined) return [undefined, i, true]
    if (next < low || next > high) return [undefined, i, false]
    point = (point << 6) | (next & 0x3f)
    low = 0x80
    high = 0xbf
  }
  return [point, sequence.rest + 1, false]
}

export { TextDecoder as 'globalThis.TextDecoder' }
