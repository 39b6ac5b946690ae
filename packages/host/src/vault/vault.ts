import {
  encodeUtf8,
  equalBytes,
  isPlatformError,
  type JsonValue,
  tryDecodeUtf8,
  canonicalJson,
} from '@morphee/core'
import type { Row, Store, Transaction } from '../store/store.ts'
import { VaultError } from './errors.ts'
import type { MasterKey } from './master-key.ts'
import {
  DATA_KEY_BYTES,
  importWorkspaceKeys,
  tamperedError,
  type WorkspaceKeys,
} from './workspace-keys.ts'

/** How many bytes of JSON one secret may have. */
export const MAX_SECRET_BYTES: number = 64 * 1024
const MAX_NAME_BYTES = 512

/** Whose secrets: an owner's (an installation, a connection, a person) in one workspace. */
export interface VaultScope {
  readonly workspace: string
  readonly owner: string
}

/**
 * The one place for secrets.
 *
 * Each is sealed with AES-256-GCM under its workspace's data key, bound to its workspace, owner, name and version, so
 * that a row moved to another place does not open. Names are found by keyed tags and are never in the clear on disk.
 * Not covered: whoever can write the database can put back a whole older row of the same secret, or remove it.
 */
export interface Vault {
  /** Keeps `secret` under `name`, in place of what was there. @throws VaultError `ERR_VAULT_NAME`, `ERR_VAULT_TOO_LARGE`, `ERR_VAULT_KEY`, `ERR_VAULT_TAMPERED` */
  put(scope: VaultScope, name: string, secret: JsonValue): Promise<void>
  /** The secret under `name`. @throws VaultError `ERR_VAULT_KEY`, `ERR_VAULT_TAMPERED` */
  get(scope: VaultScope, name: string): Promise<JsonValue | undefined>
  /** Forgets the secret; `false` when there was none. */
  delete(scope: VaultScope, name: string): Promise<boolean>
  /** The names of the owner's secrets, sorted. @throws VaultError `ERR_VAULT_KEY`, `ERR_VAULT_TAMPERED` */
  names(scope: VaultScope): Promise<string[]>
  /** Forgets every secret of the owner: for an uninstall. */
  clear(scope: VaultScope): Promise<void>
  /** As {@link Vault.clear}, committed together with the caller's own change: the key is looked up now, the work is done in the transaction. */
  prepareClear(scope: VaultScope): Promise<(transaction: Transaction) => Promise<void>>
  /** 32 bytes that only this workspace and `purpose` give; the same after a rotation. */
  deriveKey(workspace: string, purpose: string): Promise<Uint8Array<ArrayBuffer>>
  /**
   * Wraps every data key with `next`, all or none, and uses it from now on. Secrets themselves are not touched.
   *
   * @throws VaultError `ERR_VAULT_KEY`, `ERR_VAULT_TAMPERED`; nothing is changed then
   */
  rotate(next: MasterKey): Promise<void>
}

/** Options of {@link createVault}. */
export interface VaultOptions {
  /** With the tables of `vaultMigrations`. */
  readonly store: Store
  readonly masterKey: MasterKey
}

type SecretRow = { version: number; sealed_name: Uint8Array; sealed_value: Uint8Array } & Row

/** A {@link Vault} in a {@link Store}. */
export function createVault(options: VaultOptions): Vault {
  return new StoredVault(options.store, options.masterKey)
}

class StoredVault implements Vault {
  readonly #store: Store
  #masterKey: MasterKey
  /** The other key of the last rotation: a read may have been under way while it happened. */
  #rotating: MasterKey | undefined
  readonly #keys = new Map<string, Promise<WorkspaceKeys | undefined>>()

  constructor(store: Store, masterKey: MasterKey) {
    this.#store = store
    this.#masterKey = masterKey
  }

  async put(scope: VaultScope, name: string, secret: JsonValue): Promise<void> {
    assertName(scope.owner)
    assertName(name)
    const plain = encodeUtf8(canonicalJson(secret))
    if (plain.length > MAX_SECRET_BYTES) {
      throw new VaultError(
        'ERR_VAULT_TOO_LARGE',
        `Cannot keep a secret of ${plain.length} bytes: one may have ${MAX_SECRET_BYTES}`,
        { limit: MAX_SECRET_BYTES, bytes: plain.length },
      )
    }
    const keys = (await this.#existing(scope.workspace)) ?? (await this.#create(scope.workspace))
    const [ownerTag, nameTag] = await tagsOf(keys, scope, name)
    await this.#store.transaction(async (transaction) => {
      const before = await transaction.get<{ version: number } & Row>(
        'SELECT version FROM vault_secret WHERE workspace = ? AND owner_tag = ? AND name_tag = ?',
        [scope.workspace, ownerTag, nameTag],
      )
      const version = (before?.version ?? 0) + 1
      const [sealedName, sealedValue] = await Promise.all([
        keys.seal(encodeUtf8(name), ['name', scope.workspace, scope.owner, version]),
        keys.seal(plain, valuePlace(scope, name, version)),
      ])
      await transaction.run(
        `INSERT INTO vault_secret (workspace, owner_tag, name_tag, version, sealed_name, sealed_value) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (workspace, owner_tag, name_tag)
         DO UPDATE SET version = excluded.version, sealed_name = excluded.sealed_name, sealed_value = excluded.sealed_value`,
        [scope.workspace, ownerTag, nameTag, version, sealedName, sealedValue],
      )
    })
  }

  async get(scope: VaultScope, name: string): Promise<JsonValue | undefined> {
    const keys = await this.#existing(scope.workspace)
    if (keys === undefined) return undefined
    const [ownerTag, nameTag] = await tagsOf(keys, scope, name)
    const [row] = await this.#store.read<SecretRow>(
      'SELECT version, sealed_name, sealed_value FROM vault_secret WHERE workspace = ? AND owner_tag = ? AND name_tag = ?',
      [scope.workspace, ownerTag, nameTag],
    )
    if (row === undefined) return undefined
    const plain = await keys.open(row.sealed_value, valuePlace(scope, name, row.version))
    return JSON.parse(tryDecodeUtf8(plain) ?? 'null') as JsonValue
  }

  async delete(scope: VaultScope, name: string): Promise<boolean> {
    const keys = await this.#existing(scope.workspace)
    if (keys === undefined) return false
    const [ownerTag, nameTag] = await tagsOf(keys, scope, name)
    return this.#store.transaction(async (transaction) => {
      const { changes } = await transaction.run(
        'DELETE FROM vault_secret WHERE workspace = ? AND owner_tag = ? AND name_tag = ?',
        [scope.workspace, ownerTag, nameTag],
      )
      return changes > 0
    })
  }

  async names(scope: VaultScope): Promise<string[]> {
    const keys = await this.#existing(scope.workspace)
    if (keys === undefined) return []
    const rows = await this.#store.read<SecretRow & { name_tag: Uint8Array }>(
      'SELECT version, name_tag, sealed_name FROM vault_secret WHERE workspace = ? AND owner_tag = ?',
      [scope.workspace, await keys.tag('owner', scope.owner)],
    )
    const names = await Promise.all(
      rows.map(async (row) => {
        const bytes = await keys.open(row.sealed_name, [
          'name',
          scope.workspace,
          scope.owner,
          row.version,
        ])
        const name = tryDecodeUtf8(bytes)
        // A sealed name could be copied to another row of the same owner and version; its tag could not.
        if (
          name === undefined ||
          !equalBytes(await keys.tag('name', scope.owner, name), row.name_tag)
        )
          throw tamperedError()
        return name
      }),
    )
    return names.sort()
  }

  async clear(scope: VaultScope): Promise<void> {
    await this.#store.transaction(await this.prepareClear(scope))
  }

  async prepareClear(scope: VaultScope): Promise<(transaction: Transaction) => Promise<void>> {
    // Without a key there is no secret yet, but there may be one when the caller's turn comes.
    const keys = (await this.#existing(scope.workspace)) ?? (await this.#create(scope.workspace))
    const ownerTag = await keys.tag('owner', scope.owner)
    return async (transaction) => {
      await transaction.run('DELETE FROM vault_secret WHERE workspace = ? AND owner_tag = ?', [
        scope.workspace,
        ownerTag,
      ])
    }
  }

  async deriveKey(workspace: string, purpose: string): Promise<Uint8Array<ArrayBuffer>> {
    const keys = (await this.#existing(workspace)) ?? (await this.#create(workspace))
    return keys.tag('derive', purpose)
  }

  async rotate(next: MasterKey): Promise<void> {
    const current = this.#masterKey
    // Until it is clear which of the two the rows are wrapped with, both open them.
    this.#rotating = next
    await this.#store.transaction(async (transaction) => {
      await this.#assertMaster(transaction, current)
      const rows = await transaction.all<{ workspace: string; wrapped: Uint8Array } & Row>(
        'SELECT workspace, wrapped FROM vault_key',
      )
      for (const { workspace, wrapped } of rows) {
        const dataKey = await unwrap(current, workspace, wrapped)
        await transaction.run('UPDATE vault_key SET wrapped = ? WHERE workspace = ?', [
          await next.wrap(dataKey, contextOf(workspace)),
          workspace,
        ])
        dataKey.fill(0)
      }
      await transaction.run('UPDATE vault_master SET key_id = ? WHERE one = 1', [next.keyId])
    })
    this.#masterKey = next
    this.#rotating = current
  }

  async #existing(workspace: string): Promise<WorkspaceKeys | undefined> {
    const pending = this.#keys.get(workspace) ?? this.#load(workspace)
    this.#keys.set(workspace, pending)
    try {
      const keys = await pending
      // Another process may make the key a moment later, so only its presence is remembered.
      if (keys === undefined) this.#keys.delete(workspace)
      return keys
    } catch (error) {
      this.#keys.delete(workspace)
      throw error
    }
  }

  async #load(workspace: string): Promise<WorkspaceKeys | undefined> {
    const [row] = await this.#store.read<{ wrapped: Uint8Array; key_id: string | null } & Row>(
      'SELECT wrapped, (SELECT key_id FROM vault_master WHERE one = 1) AS key_id FROM vault_key WHERE workspace = ?',
      [workspace],
    )
    if (row === undefined) return undefined
    const masterKey = row.key_id === this.#rotating?.keyId ? this.#rotating : this.#masterKey
    assertSameKey(row.key_id ?? undefined, masterKey)
    return importWorkspaceKeys(await unwrap(masterKey, workspace, row.wrapped))
  }

  async #create(workspace: string): Promise<WorkspaceKeys> {
    const masterKey = this.#masterKey
    const dataKey = crypto.getRandomValues(new Uint8Array(DATA_KEY_BYTES))
    const wrapped = await masterKey.wrap(dataKey, contextOf(workspace))
    dataKey.fill(0)
    await this.#store.transaction(async (transaction) => {
      await this.#assertMaster(transaction, masterKey)
      // Another process may have been first; its key stays.
      await transaction.run(
        'INSERT INTO vault_key (workspace, wrapped) VALUES (?, ?) ON CONFLICT (workspace) DO NOTHING',
        [workspace, wrapped],
      )
    })
    const keys = await this.#existing(workspace)
    if (keys === undefined) throw tamperedError()
    return keys
  }

  async #assertMaster(transaction: Transaction, masterKey: MasterKey): Promise<void> {
    const row = await transaction.get<{ key_id: string } & Row>(
      'SELECT key_id FROM vault_master WHERE one = 1',
    )
    if (row !== undefined) return assertSameKey(row.key_id, masterKey)
    await transaction.run('INSERT INTO vault_master (one, key_id) VALUES (1, ?)', [masterKey.keyId])
  }
}

function valuePlace(
  scope: VaultScope,
  name: string,
  version: number,
): readonly (string | number)[] {
  return ['value', scope.workspace, scope.owner, name, version]
}

function tagsOf(
  keys: WorkspaceKeys,
  scope: VaultScope,
  name: string,
): Promise<[Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>]> {
  return Promise.all([keys.tag('owner', scope.owner), keys.tag('name', scope.owner, name)])
}

function contextOf(workspace: string): Uint8Array<ArrayBuffer> {
  return encodeUtf8(canonicalJson(['morphee/data-key/1', workspace]))
}

async function unwrap(
  masterKey: MasterKey,
  workspace: string,
  wrapped: Uint8Array,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await masterKey.unwrap(wrapped.slice(), contextOf(workspace))
  } catch (error) {
    // A key service says itself why it could not answer; anything else is a key that does not fit.
    throw isPlatformError(error) ? error : tamperedError()
  }
}

function assertSameKey(expected: string | undefined, masterKey: MasterKey): void {
  if (expected === masterKey.keyId) return
  throw new VaultError(
    'ERR_VAULT_KEY',
    'Cannot open the vault: the master key is not the one it was locked with',
    { expected: expected ?? '', actual: masterKey.keyId },
    { hint: 'Give the master key that was used before, then rotate to the new one' },
  )
}

function assertName(name: string): void {
  if (name.length === 0 || name.length > MAX_NAME_BYTES || !name.isWellFormed()) {
    throw new VaultError(
      'ERR_VAULT_NAME',
      `A secret's name and owner are 1 to ${MAX_NAME_BYTES} characters of text`,
      {},
    )
  }
}
