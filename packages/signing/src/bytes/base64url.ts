import { toBase64, tryFromBase64 } from '@morphee/core'

/** Base64 in the URL-safe alphabet without padding (RFC 7515 section 2). */
export function toBase64Url(bytes: Uint8Array): string {
  return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}

/** The bytes of {@link toBase64Url}'s text, or `undefined` when it is not the one spelling of some bytes. */
export function tryFromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return undefined
  const padded = text.padEnd(Math.ceil(text.length / 4) * 4, '=')
  return tryFromBase64(padded.replaceAll('-', '+').replaceAll('_', '/'))
}
