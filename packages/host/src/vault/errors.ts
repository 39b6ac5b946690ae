import { PlatformError } from '@morphee/core'

/** What each vault error code carries. Never a name, never a secret. */
export interface VaultErrorDetails {
  /** The master key is not the one that this vault was locked with. */
  ERR_VAULT_KEY: { expected: string; actual: string }
  /** There is no usable master key: missing, of the wrong form, or readable by others. */
  ERR_VAULT_KEY_SOURCE: {
    reason: 'missing' | 'malformed' | 'exposed' | 'not-a-file' | 'unreadable'
  }
  /** A sealed row is not what the vault wrote there: changed, or moved from another place. */
  ERR_VAULT_TAMPERED: Record<string, never>
  /** A secret or its name is larger than the vault takes. */
  ERR_VAULT_TOO_LARGE: { limit: number; bytes: number }
  /** A secret's name or owner is empty or not text. */
  ERR_VAULT_NAME: Record<string, never>
}

/** A secret could not be kept or read. */
export class VaultError<
  Code extends keyof VaultErrorDetails = keyof VaultErrorDetails,
> extends PlatformError<Code, VaultErrorDetails[Code]> {
  override readonly name = 'VaultError'
}
