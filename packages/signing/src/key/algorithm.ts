/** RSASSA-PSS with MGF1 over the same hash and a salt as long as the hash (RFC 7518 section 3.5). */
export type SignatureAlgorithm = 'PS256' | 'PS384' | 'PS512'

/** The RSA key sizes there are: exactly those to which the Notary Project gives an algorithm. */
export type KeyBits = 2048 | 3072 | 4096

const HASHES: Readonly<Record<SignatureAlgorithm, { name: string; saltLength: number }>> = {
  PS256: { name: 'SHA-256', saltLength: 32 },
  PS384: { name: 'SHA-384', saltLength: 48 },
  PS512: { name: 'SHA-512', saltLength: 64 },
}

/** What the Notary Project ties to the size of a key. */
const NOTARY: Readonly<Record<KeyBits, SignatureAlgorithm>> = {
  2048: 'PS256',
  3072: 'PS384',
  4096: 'PS512',
}

/** Hash and salt length in bytes of an algorithm. */
export function hashOf(algorithm: SignatureAlgorithm): { name: string; saltLength: number } {
  return HASHES[algorithm]
}

/** Whether `bits` is a key size this package takes. */
export function isKeyBits(bits: number): bits is KeyBits {
  return Object.hasOwn(NOTARY, bits)
}

/**
 * The algorithms a key of this size may sign with: the Notary Project's, and PS256 for every size.
 *
 * Only with 2048 bits are both the same; larger keys sign twice, and every verifier takes the envelope it understands.
 */
export function algorithmsFor(bits: KeyBits): readonly SignatureAlgorithm[] {
  return bits === 2048 ? ['PS256'] : [NOTARY[bits], 'PS256']
}
