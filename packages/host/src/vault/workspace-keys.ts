import { canonicalJson, concatBytes, encodeUtf8 } from '@morphee/core'
import { VaultError } from './errors.ts'

const IV_BYTES = 12
/** Bytes of a workspace's data key: 32 to seal, 32 to derive lookup tags and further keys. */
export const DATA_KEY_BYTES = 64

/** The keys of one workspace, opened. */
export interface WorkspaceKeys {
  /** A keyed tag of `parts`: finds a row without saying what is looked for. */
  tag(...parts: readonly string[]): Promise<Uint8Array<ArrayBuffer>>
  seal(
    plain: Uint8Array<ArrayBuffer>,
    place: readonly (string | number)[],
  ): Promise<Uint8Array<ArrayBuffer>>
  /** @throws VaultError `ERR_VAULT_TAMPERED` when `sealed` was not made for `place` */
  open(sealed: Uint8Array, place: readonly (string | number)[]): Promise<Uint8Array<ArrayBuffer>>
}

/** Imports the 64 bytes of a data key. */
export async function importWorkspaceKeys(
  dataKey: Uint8Array<ArrayBuffer>,
): Promise<WorkspaceKeys> {
  const [aes, hmac] = await Promise.all([
    crypto.subtle.importKey('raw', dataKey.slice(0, 32), 'AES-GCM', false, ['encrypt', 'decrypt']),
    crypto.subtle.importKey('raw', dataKey.slice(32), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
    ]),
  ])
  return {
    async tag(...parts) {
      // As JSON, `['a', 'bc']` and `['ab', 'c']` differ.
      return new Uint8Array(
        await crypto.subtle.sign('HMAC', hmac, encodeUtf8(canonicalJson([...parts]))),
      )
    },
    async seal(plain, place) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
      const additionalData = encodeUtf8(canonicalJson([...place]))
      const sealed = await crypto.subtle.encrypt(
        { name: 'AES-GCM', iv, additionalData },
        aes,
        plain,
      )
      return concatBytes([iv, new Uint8Array(sealed)])
    },
    async open(sealed, place) {
      const iv = sealed.slice(0, IV_BYTES)
      const additionalData = encodeUtf8(canonicalJson([...place]))
      try {
        const plain = await crypto.subtle.decrypt(
          { name: 'AES-GCM', iv, additionalData },
          aes,
          sealed.slice(IV_BYTES),
        )
        return new Uint8Array(plain)
      } catch {
        throw tamperedError()
      }
    },
  }
}

/** The uniform refusal: what exactly did not fit is of use only to whoever changed it. */
export function tamperedError(): VaultError<'ERR_VAULT_TAMPERED'> {
  return new VaultError(
    'ERR_VAULT_TAMPERED',
    'Cannot open a secret: its row was changed or moved',
    {},
  )
}
