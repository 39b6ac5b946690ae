export { StoreError, type StoreErrorDetails } from './errors.ts'
export {
  createExtensionStorage,
  type ExtensionStorage,
  type ExtensionStorageScope,
  type KeyPage,
  type KeysOptions,
  MAX_STORAGE_KEY_BYTES,
  MAX_STORAGE_VALUE_BYTES,
  type SetOptions,
  STORAGE_QUOTA_BYTES,
} from './extension-storage.ts'
export type { Migration } from './migration.ts'
export { auditMigrations } from './migrations/audit.ts'
export { extensionStorageMigrations } from './migrations/extension-storage.ts'
export { vaultMigrations } from './migrations/vault.ts'
export type { RunResult, Row, SqlValue, Store, Transaction } from './store.ts'
