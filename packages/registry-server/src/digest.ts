import { createHash, type Hash } from 'node:crypto'

/** A digest this registry can store content under. SHA-512 is served because the specification has it; Morphee's own client never asks for it. */
export interface ContentDigest {
  readonly algorithm: 'sha256' | 'sha512'
  readonly hex: string
  /** `algorithm:hex`. */
  readonly text: string
}

const HEX_LENGTH = { sha256: 64, sha512: 128 } as const

/** Reads `sha256:…` or `sha512:…` in lower-case hexadecimal, or `undefined`. */
export function tryParseContentDigest(text: string): ContentDigest | undefined {
  const match = /^(sha256|sha512):([0-9a-f]+)$/.exec(text)
  if (match === null) return undefined
  const algorithm = match[1] as ContentDigest['algorithm']
  const hex = match[2] as string
  return hex.length === HEX_LENGTH[algorithm] ? { algorithm, hex, text } : undefined
}

/** The digest of `bytes` under `algorithm`. */
export function contentDigest(
  bytes: Uint8Array,
  algorithm: ContentDigest['algorithm'] = 'sha256',
): ContentDigest {
  return digestFrom(createHash(algorithm).update(bytes), algorithm)
}

/** The digest that a fed `hash` of `algorithm` comes to. */
export function digestFrom(hash: Hash, algorithm: ContentDigest['algorithm']): ContentDigest {
  const hex = hash.digest('hex')
  return { algorithm, hex, text: `${algorithm}:${hex}` }
}
