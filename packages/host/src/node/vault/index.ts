export { MASTER_KEY_VARIABLE, type MasterKeyOptions, openMasterKey } from './open-master-key.ts'
