import { toHex } from '@morphee/core'

/**
 * What wraps the vault's data keys: a key in a file or the environment, or a key management service.
 *
 * `context` is authenticated with the wrapped key and must be the same on both sides.
 */
export interface MasterKey {
  /** Names this key and tells nothing about it. */
  readonly keyId: string
  wrap(
    key: Uint8Array<ArrayBuffer>,
    context: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>>
  /** Rejects, with any error, when `wrapped` was not made by this key for `context`. */
  unwrap(
    wrapped: Uint8Array<ArrayBuffer>,
    context: Uint8Array<ArrayBuffer>,
  ): Promise<Uint8Array<ArrayBuffer>>
}

const IV_BYTES = 12

/** A {@link MasterKey} of 32 secret bytes: AES-256-GCM with a random 96-bit nonce. */
export async function createMasterKey(secret: Uint8Array<ArrayBuffer>): Promise<MasterKey> {
  if (secret.length !== 32) throw new RangeError(`A master key has 32 bytes, not ${secret.length}`)
  const key = await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['encrypt', 'decrypt'])
  return {
    keyId: await keyIdOf(secret),
    async wrap(plain, context) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const sealed = await crypto.subtle.encrypt(
        { name: 'AES-GCM', iv, additionalData: context },
        key,
        plain,
      )
      const wrapped = new Uint8Array(IV_BYTES + sealed.byteLength)
      wrapped.set(iv)
      wrapped.set(new Uint8Array(sealed), IV_BYTES)
      return wrapped
    },
    async unwrap(wrapped, context) {
      const iv = wrapped.slice(0, IV_BYTES)
      const plain = await crypto.subtle.decrypt(
        { name: 'AES-GCM', iv, additionalData: context },
        key,
        wrapped.slice(IV_BYTES),
      )
      return new Uint8Array(plain)
    },
  }
}

async function keyIdOf(secret: Uint8Array<ArrayBuffer>): Promise<string> {
  // Derived under a label, so that the id is of no use for anything the key does.
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  const info = new TextEncoder().encode('morphee/master-key-id/1')
  const bits = await crypto.subtle.deriveBits(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info },
    base,
    128,
  )
  return toHex(new Uint8Array(bits))
}
