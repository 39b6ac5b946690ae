import { toHex } from '@morphee/core'
import { hashOf, isKeyBits, type KeyBits, type SignatureAlgorithm } from './algorithm.ts'

/** Lower-case hexadecimal SHA-256 of a public key's SubjectPublicKeyInfo: it stays when a certificate is renewed. */
export type KeyId = string

/** What WebCrypto says of an RSA key (Web Cryptography API section 20.6). */
interface RsaKeyAlgorithm extends KeyAlgorithm {
  readonly modulusLength: number
  readonly publicExponent: Uint8Array
}

/** A public RSA key that this package takes. */
export interface RsaKey {
  readonly bits: KeyBits
  readonly keyId: KeyId
  readonly spki: Uint8Array<ArrayBuffer>
}

/**
 * Reads an RSA public key, or `undefined` when it is not one of 2048, 3072 or 4096 bits with the exponent 65537.
 *
 * The id is taken from the re-encoded key, so one key has one id however its DER was spelled.
 */
export async function tryReadRsaKey(spki: Uint8Array<ArrayBuffer>): Promise<RsaKey | undefined> {
  try {
    const key = await importPublic(spki, 'PS256')
    const { modulusLength, publicExponent } = key.algorithm as RsaKeyAlgorithm
    if (!isKeyBits(modulusLength) || toHex(publicExponent) !== '010001') return undefined
    const canonical = new Uint8Array(await crypto.subtle.exportKey('spki', key))
    return { bits: modulusLength, keyId: await keyIdOf(canonical), spki: canonical }
  } catch {
    return undefined
  }
}

/** The key id of a SubjectPublicKeyInfo in DER. */
export async function keyIdOf(spki: Uint8Array<ArrayBuffer>): Promise<KeyId> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', spki)))
}

/** Whether `signature` is one of `bytes` by `key`, with a salt of exactly the hash's length. */
export async function isPssSignature(
  key: RsaKey,
  algorithm: SignatureAlgorithm,
  signature: Uint8Array<ArrayBuffer>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const { saltLength } = hashOf(algorithm)
  const imported = await importPublic(key.spki, algorithm)
  return crypto.subtle.verify({ name: 'RSA-PSS', saltLength }, imported, signature, bytes)
}

function importPublic(
  spki: Uint8Array<ArrayBuffer>,
  algorithm: SignatureAlgorithm,
): Promise<CryptoKey> {
  const hash = hashOf(algorithm).name
  return crypto.subtle.importKey('spki', spki, { name: 'RSA-PSS', hash }, true, ['verify'])
}
