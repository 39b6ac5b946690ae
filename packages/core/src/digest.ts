import { toHex } from './bytes/hex.ts'

/** A SHA-256 digest as OCI writes it: `sha256:` and 64 lower-case hexadecimal digits. */
export type Digest = `sha256:${string}` & { readonly __digest: true }

/** Reads a digest, or `undefined` when `text` is not one. SHA-512 and upper case are legal OCI and refused here: one digest has one spelling. */
export function tryParseDigest(text: string): Digest | undefined {
  return /^sha256:[0-9a-f]{64}$/.test(text) ? (text as Digest) : undefined
}

/** The digest of `bytes`. */
export async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<Digest> {
  return digestFromHash(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
}

/** The digest whose raw 32-byte SHA-256 value is `hash`. */
export function digestFromHash(hash: Uint8Array): Digest {
  if (hash.length !== 32) throw new RangeError(`A SHA-256 value has 32 bytes, not ${hash.length}`)
  return `sha256:${toHex(hash)}` as Digest
}

/** The first twelve digits, for people: never compare this. */
export function shortDigest(digest: Digest): string {
  return digest.slice('sha256:'.length, 'sha256:'.length + 12)
}
