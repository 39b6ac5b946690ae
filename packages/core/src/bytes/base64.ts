// `btoa` wants one string; a chunk keeps the argument list of `fromCharCode` below every engine's limit.
const CHUNK = 0x8000

/** Standard base64 of `bytes`, with padding (RFC 4648 section 4). */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  for (let i = 0; i < bytes.length; i += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(i, i + CHUNK))
  }
  return btoa(binary)
}

/** The bytes of standard base64 `text`, or `undefined` when it is not exactly that: alphabet, padding and zero trailing bits (RFC 4648 section 3.5). */
export function tryFromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  let binary: string
  try {
    binary = atob(text)
  } catch {
    return undefined
  }
  const bytes = Uint8Array.from(binary, (char) => char.charCodeAt(0))
  // Two texts for one value would let a signature cover one and a reader see the other.
  return toBase64(bytes) === text ? bytes : undefined
}
