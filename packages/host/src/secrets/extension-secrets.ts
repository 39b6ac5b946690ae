import { encodeUtf8, toHex } from '@morphee/core'
import { limitError } from '../invocation/limit-error.ts'
import type { Vault, VaultScope } from '../vault/index.ts'

/** Most secrets that one installation keeps by itself. */
export const MAX_SECRETS = 100

/** The secrets that an extension keeps in plain text, apart from the credentials that people enter. */
export interface ExtensionSecrets {
  get(name: string): Promise<string | undefined>
  /** @throws `ERR_HOST_LIMIT`, `ERR_VAULT_TOO_LARGE` */
  set(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
  /** Stands for `value` where it must not be shown: the same for the same value, and nobody outside this workspace can try values. */
  commitment(name: string, value: string): Promise<string>
}

/** Whose the secrets of an installation are in the vault: not the owner of its credentials, which no guest ever reads. */
export function secretScope({
  workspace,
  id,
}: {
  readonly workspace: string
  readonly id: string
}): VaultScope {
  return { workspace, owner: `${id}/secrets` }
}

/** The secrets of one installation. */
export function createExtensionSecrets(vault: Vault, scope: VaultScope): ExtensionSecrets {
  return {
    async get(name) {
      const value = await vault.get(scope, name)
      return typeof value === 'string' ? value : undefined
    },
    async set(name, value) {
      const names = await vault.names(scope)
      if (names.length >= MAX_SECRETS && !names.includes(name))
        throw limitError('secrets', MAX_SECRETS, 'secrets', 'keeps')
      await vault.put(scope, name, value)
    },
    async delete(name) {
      await vault.delete(scope, name)
    },
    async commitment(name, value) {
      const raw = await vault.deriveKey(scope.workspace, 'secret-commitment')
      const key = await crypto.subtle.importKey(
        'raw',
        raw,
        { name: 'HMAC', hash: 'SHA-256' },
        false,
        ['sign'],
      )
      const bytes = encodeUtf8(JSON.stringify([scope.owner, name, value]))
      return toHex(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes)))
    },
  }
}
