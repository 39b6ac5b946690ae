/** UTF-8 from strings, as in the Encoding Standard; a lone surrogate becomes U+FFFD. */
export class TextEncoder {
  get encoding(): string {
    return 'utf-8'
  }

  encode(text = ''): Uint8Array<ArrayBuffer> {
    const source = String(text)
    // Three bytes a UTF-16 unit are the most there can be: four bytes belong to two units.
    const bytes = new Uint8Array(source.length * 3)
    return bytes.slice(0, write(source, bytes).written)
  }

  encodeInto(text: string, destination: Uint8Array): { read: number; written: number } {
    return write(String(text), destination)
  }
}

function write(text: string, bytes: Uint8Array): { read: number; written: number } {
  let written = 0
  let read = 0
  while (read < text.length) {
    const unit = text.charCodeAt(read)
    if (unit < 0x80) {
      if (written === bytes.length) break
      bytes[written++] = unit
      read++
      continue
    }
    const full = text.codePointAt(read) as number
    const units = full > 0xffff ? 2 : 1
    const point = full >= 0xd800 && full <= 0xdfff ? 0xfffd : full
    const size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
    if (written + size > bytes.length) break
    for (let i = size - 1; i > 0; i--)
      bytes[written + i] = ((point >> (6 * (size - 1 - i))) & 0x3f) | 0x80
    const lead = size === 2 ? 0xc0 : size === 3 ? 0xe0 : 0xf0
    bytes[written] = lead | (point >> (6 * (size - 1)))
    written += size
    read += units
  }
  return { read, written }
}

export { TextEncoder as 'globalThis.TextEncoder' }
