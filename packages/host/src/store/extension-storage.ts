import { encodeUtf8, tryDecodeUtf8, tryFromHex, toHex } from '@morphee/core'
import { StoreError } from './errors.ts'
import type { Row, SqlValue, Store, Transaction } from './store.ts'

/** How many bytes of UTF-8 a key may have. */
export const MAX_STORAGE_KEY_BYTES = 512
/** How many bytes one value may have: 10 MiB. */
export const MAX_STORAGE_VALUE_BYTES: number = 10 * 1024 * 1024
/** How many bytes an extension may keep in a workspace unless its limits say otherwise: 100 MiB. */
export const STORAGE_QUOTA_BYTES: number = 100 * 1024 * 1024

// A row costs more than its bytes. Without this, a million empty values would be free.
const ROW_BYTES = 64
const MAX_PAGE = 1000

/** Whose keys: an extension's in one workspace. */
export interface ExtensionStorageScope {
  readonly workspace: string
  /** The extension's identity, such as `acme/jira`. */
  readonly extension: string
}

/** Options of {@link ExtensionStorage.set}. */
export interface SetOptions {
  /**
   * Bytes the extension may keep in the workspace; each entry counts its key, its value and 64 bytes.
   *
   * @default STORAGE_QUOTA_BYTES
   */
  readonly quotaBytes?: number
  /** Bytes of this value. @default MAX_STORAGE_VALUE_BYTES */
  readonly valueBytes?: number
}

/** Options of {@link ExtensionStorage.keys}. */
export interface KeysOptions {
  /** Only keys that begin with this text. Every character stands for itself. @default '' */
  readonly prefix?: string
  /** How many keys at most, 1 to 1,000; more is treated as 1,000. @default 100 */
  readonly limit?: number
  /** Where the last page ended. */
  readonly cursor?: string
}

/** Some keys in bytewise order. */
export interface KeyPage {
  readonly keys: readonly string[]
  /** Set when there may be more. */
  readonly cursor: string | undefined
}

/** An extension's own keys, apart per workspace and extension. */
export interface ExtensionStorage {
  /** The value under `key`. @throws StoreError `ERR_STORAGE_KEY` */
  get(scope: ExtensionStorageScope, key: string): Promise<Uint8Array | undefined>
  /** Puts `value` under `key`, within the quota. @throws StoreError `ERR_STORAGE_KEY`, `ERR_STORAGE_VALUE_TOO_LARGE`, `ERR_STORAGE_QUOTA` */
  set(
    scope: ExtensionStorageScope,
    key: string,
    value: Uint8Array,
    options?: SetOptions,
  ): Promise<void>
  /** Forgets `key`; `false` when there was none. @throws StoreError `ERR_STORAGE_KEY` */
  delete(scope: ExtensionStorageScope, key: string): Promise<boolean>
  /** A page of keys. @throws StoreError `ERR_STORAGE_KEY` for a prefix that no key can have, `ERR_STORAGE_CURSOR` */
  keys(scope: ExtensionStorageScope, options?: KeysOptions): Promise<KeyPage>
  /** Bytes in use, counted as the quota counts them. */
  usage(scope: ExtensionStorageScope): Promise<number>
  /** Forgets everything of the extension in the workspace: for an uninstall that does not keep data. */
  clear(scope: ExtensionStorageScope): Promise<void>
  /** As {@link ExtensionStorage.clear}, committed together with the caller's own change. */
  clearIn(transaction: Transaction, scope: ExtensionStorageScope): Promise<void>
}

/** An {@link ExtensionStorage} in the tables of `extensionStorageMigrations`. */
export function createExtensionStorage(store: Store): ExtensionStorage {
  return {
    async get(scope, key) {
      const [row] = await store.read<{ content: Uint8Array } & Row>(
        'SELECT content FROM extension_storage WHERE workspace = ? AND extension = ? AND name = ?',
        [scope.workspace, scope.extension, parseKey(key)],
      )
      return row?.content
    },
    async set(
      scope,
      key,
      value,
      { quotaBytes = STORAGE_QUOTA_BYTES, valueBytes = MAX_STORAGE_VALUE_BYTES } = {},
    ) {
      const name = parseKey(key)
      if (value.length > valueBytes) {
        throw new StoreError(
          'ERR_STORAGE_VALUE_TOO_LARGE',
          `Cannot store a value of ${value.length} bytes: one value may have ${valueBytes}`,
          { limit: valueBytes, bytes: value.length },
        )
      }
      // The caller may go on writing into its buffer while this waits for its turn.
      const content = value.slice()
      const size = name.length + content.length + ROW_BYTES
      await store.transaction(async (transaction) => {
        const before = await sizeOf(transaction, scope, name)
        const bytes = (await usageOf(transaction, scope)) - before + size
        // Shrinking is always allowed, or an extension above a lowered quota could never get below it again.
        if (bytes > quotaBytes && size > before) {
          throw new StoreError(
            'ERR_STORAGE_QUOTA',
            `Cannot store a value of ${content.length} bytes: the extension would keep ${bytes} bytes and its limit is ${quotaBytes}`,
            { limit: quotaBytes, bytes },
          )
        }
        await transaction.run(
          `INSERT INTO extension_storage (workspace, extension, name, content, size) VALUES (?, ?, ?, ?, ?)
           ON CONFLICT (workspace, extension, name) DO UPDATE SET content = excluded.content, size = excluded.size`,
          [scope.workspace, scope.extension, name, content, size],
        )
        await setUsage(transaction, scope, bytes)
      })
    },
    async delete(scope, key) {
      const name = parseKey(key)
      return store.transaction(async (transaction) => {
        const before = await sizeOf(transaction, scope, name)
        if (before === 0) return false
        await transaction.run(
          'DELETE FROM extension_storage WHERE workspace = ? AND extension = ? AND name = ?',
          [scope.workspace, scope.extension, name],
        )
        await setUsage(transaction, scope, (await usageOf(transaction, scope)) - before)
        return true
      })
    },
    async keys(scope, { prefix = '', limit = 100, cursor } = {}) {
      const start = prefix === '' ? new Uint8Array() : parseKey(prefix)
      const end = successorOf(start)
      const after = cursor === undefined ? undefined : parseCursor(cursor, start)
      const params: SqlValue[] = [scope.workspace, scope.extension, start]
      if (end !== undefined) params.push(end)
      if (after !== undefined) params.push(after)
      const count = Math.min(Math.max(1, Math.trunc(limit) || 1), MAX_PAGE)
      // A range instead of LIKE: `%` and `_` in a prefix are only characters here.
      const rows = await store.read<{ name: Uint8Array } & Row>(
        `SELECT name FROM extension_storage WHERE workspace = ? AND extension = ? AND name >= ?${
          end === undefined ? '' : ' AND name < ?'
        }${after === undefined ? '' : ' AND name > ?'} ORDER BY name LIMIT ?`,
        [...params, count],
      )
      const last = rows.at(-1)
      return {
        keys: rows.map((row) => tryDecodeUtf8(row.name) ?? ''),
        cursor: rows.length === count && last !== undefined ? toHex(last.name) : undefined,
      }
    },
    async usage(scope) {
      const [row] = await store.read<{ bytes: number } & Row>(
        'SELECT bytes FROM extension_storage_usage WHERE workspace = ? AND extension = ?',
        [scope.workspace, scope.extension],
      )
      return row?.bytes ?? 0
    },
    clear: (scope) => store.transaction((transaction) => clearIn(transaction, scope)),
    clearIn,
  }
}

async function clearIn(transaction: Transaction, scope: ExtensionStorageScope): Promise<void> {
  for (const table of ['extension_storage', 'extension_storage_usage']) {
    await transaction.run(`DELETE FROM ${table} WHERE workspace = ? AND extension = ?`, [
      scope.workspace,
      scope.extension,
    ])
  }
}

function parseKey(key: string): Uint8Array {
  const refuse = (
    reason: 'empty' | 'too-long' | 'control-character' | 'not-text',
    why: string,
  ): never => {
    throw new StoreError('ERR_STORAGE_KEY', `Cannot use this storage key: ${why}`, { reason })
  }
  if (key.length === 0) return refuse('empty', 'it is empty')
  // No character is shorter in UTF-8 than in UTF-16, so this bounds the work before it is done.
  if (key.length > MAX_STORAGE_KEY_BYTES)
    return refuse('too-long', `it has more than ${MAX_STORAGE_KEY_BYTES} bytes`)
  if (!key.isWellFormed()) return refuse('not-text', 'it is not well-formed text')
  if (/\p{Cc}/u.test(key)) return refuse('control-character', 'it holds a control character')
  const name = encodeUtf8(key)
  return name.length > MAX_STORAGE_KEY_BYTES
    ? refuse('too-long', `it has more than ${MAX_STORAGE_KEY_BYTES} bytes`)
    : name
}

/** The first bytes after everything that begins with `prefix`; `undefined` when nothing comes after. */
function successorOf(prefix: Uint8Array): Uint8Array | undefined {
  // UTF-8 never holds 0xFF, so the last byte can always be raised.
  const end = prefix.slice()
  const last = end.at(-1)
  if (last === undefined) return undefined
  end[end.length - 1] = last + 1
  return end
}

function parseCursor(cursor: string, prefix: Uint8Array): Uint8Array {
  const name = cursor.length <= 2 * MAX_STORAGE_KEY_BYTES ? tryFromHex(cursor) : undefined
  if (name === undefined || name.length === 0 || !prefix.every((byte, i) => byte === name[i])) {
    throw new StoreError(
      'ERR_STORAGE_CURSOR',
      'Cannot go on listing keys: the cursor is not one of this listing',
      {},
    )
  }
  return name
}

async function sizeOf(
  transaction: Transaction,
  scope: ExtensionStorageScope,
  name: Uint8Array,
): Promise<number> {
  const row = await transaction.get<{ size: number } & Row>(
    'SELECT size FROM extension_storage WHERE workspace = ? AND extension = ? AND name = ?',
    [scope.workspace, scope.extension, name],
  )
  return row?.size ?? 0
}

async function usageOf(transaction: Transaction, scope: ExtensionStorageScope): Promise<number> {
  const row = await transaction.get<{ bytes: number } & Row>(
    'SELECT bytes FROM extension_storage_usage WHERE workspace = ? AND extension = ?',
    [scope.workspace, scope.extension],
  )
  return row?.bytes ?? 0
}

async function setUsage(
  transaction: Transaction,
  scope: ExtensionStorageScope,
  bytes: number,
): Promise<void> {
  await transaction.run(
    `INSERT INTO extension_storage_usage (workspace, extension, bytes) VALUES (?, ?, ?)
     ON CONFLICT (workspace, extension) DO UPDATE SET bytes = excluded.bytes`,
    [scope.workspace, scope.extension, bytes],
  )
}
