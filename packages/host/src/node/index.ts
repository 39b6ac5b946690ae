export {
  type CreateHostOptions,
  createDevelopmentHost,
  createHost,
  type NodeHostOptions,
} from './create-host.ts'
export { createProcessWriter, nodeAuditHash, openCheckpointSigner } from './audit/index.ts'
export { openPolicyFile, type PolicyFileOptions } from './policy/open-policy-file.ts'
export { openSqliteStore, type SqliteStoreOptions } from './store/index.ts'
export { MASTER_KEY_VARIABLE, type MasterKeyOptions, openMasterKey } from './vault/index.ts'
export type { HousingOptions, ProcessPoolOptions, WorkerPoolOptions } from './isolation/housing.ts'
