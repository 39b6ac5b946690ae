import { toHex } from '@morphee/core'

/** Signs checkpoints: a key in a file, or a service that keeps it. Ed25519 (RFC 8032). */
export interface Signer {
  /** See {@link signerKeyId}. */
  readonly keyId: string
  /** The raw 32 bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>
  sign(message: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>
}

/** A {@link Signer} of a WebCrypto Ed25519 key pair; the public key must be extractable. */
export async function createSigner(pair: CryptoKeyPair): Promise<Signer> {
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey))
  return {
    keyId: await signerKeyId(publicKey),
    publicKey,
    sign: async (message) =>
      new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, message)),
  }
}

/** Names a public key: the first 16 bytes of its SHA-256, in hexadecimal. */
export async function signerKeyId(publicKey: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', publicKey)).subarray(0, 16))
}
