import type { Clock } from '@morphee/core'
import type { AuditLog } from '../audit/index.ts'
import type { Connections } from '../connections/connections.ts'
import type { CompiledArtifact } from '../extension/compiled-artifact.ts'
import type { ExtensionStorage, Store } from '../store/index.ts'
import type { Vault } from '../vault/index.ts'

/** What installations are read and changed with. */
export interface InstallationServices {
  readonly store: Store
  readonly audit: AuditLog
  readonly connections: Connections
  readonly vault: Vault
  readonly storage: ExtensionStorage
  readonly clock: Clock
  /** Compiles stored bytes, cached by digest. */
  readonly compile: (bytes: Uint8Array) => Promise<CompiledArtifact>
}
