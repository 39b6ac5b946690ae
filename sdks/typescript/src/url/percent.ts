import { TextDecoder } from '../globals/text-decoder.ts'
import { TextEncoder } from '../globals/text-encoder.ts'

// The percent-encode sets of the URL Standard, beyond the controls and everything above `~`, which all of them have.
export const FRAGMENT_SET = ' "<>`'
export const QUERY_SET = ' "#<>'
export const SPECIAL_QUERY_SET: string = `${QUERY_SET}'`
export const PATH_SET: string = `${QUERY_SET}?^\`{}`
export const USERINFO_SET: string = `${PATH_SET}/:;=@[\\]|`

/** `text` with what is in `set` as `%XX` of its UTF-8. What is encoded already stays as it is. */
export function percentEncode(text: string, set: string): string {
  let encoded = ''
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte)
    encoded +=
      byte <= 0x1f || byte > 0x7e || set.includes(character) ? percentByte(byte) : character
  }
  return encoded
}

/** `%0A` */
export function percentByte(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

/** `text` with each `%XX` as its byte, read as UTF-8; what is malformed becomes U+FFFD. */
export function percentDecode(text: string): string {
  const bytes = new TextEncoder().encode(text)
  const decoded = new Uint8Array(bytes.length)
  let length = 0
  for (let i = 0; i < bytes.length; i++) {
    const pair = String.fromCharCode(bytes[i + 1] ?? 0, bytes[i + 2] ?? 0)
    const escaped = bytes[i] === 0x25 && /^[0-9A-Fa-f]{2}$/.test(pair)
    decoded[length++] = escaped ? Number.parseInt(pair, 16) : (bytes[i] as number)
    if (escaped) i += 2
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(decoded.subarray(0, length))
}
