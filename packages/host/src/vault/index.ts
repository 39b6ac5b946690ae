export { VaultError, type VaultErrorDetails } from './errors.ts'
export { createMasterKey, type MasterKey } from './master-key.ts'
export {
  createVault,
  MAX_SECRET_BYTES,
  type Vault,
  type VaultOptions,
  type VaultScope,
} from './vault.ts'
