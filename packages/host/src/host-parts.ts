import type { Clock } from '@morphee/core'
import type { Egress } from '@morphee/egress'
import type { IsolationLevel } from '@morphee/manifest'
import type { ApprovalSurface } from './approvals/approval.ts'
import type { ApprovalLimits } from './approvals/approval-services.ts'
import type { AuditLog, AuditWriter } from './audit/index.ts'
import type { DataProvider } from './data/data-provider.ts'
import type { EventLog } from './events/store-event-log.ts'
import type { BuiltinDefinition } from './extension/builtin.ts'
import type { CompiledArtifact } from './extension/compiled-artifact.ts'
import type { InstalledVersion } from './installations/installation.ts'
import type { PolicySource } from './policy/policy-source.ts'
import type { BaseMorphRuntime } from './runtimes/runtime.ts'
import type { Store } from './store/index.ts'
import type { Vault } from './vault/index.ts'

/** What a host is made of. The node entry fills all of it in; another platform brings its own. */
export interface HostParts {
  readonly store: Store
  readonly vault: Vault
  readonly audit: AuditLog
  readonly data: DataProvider
  readonly events: EventLog
  readonly egress: Egress
  readonly clock: Clock
  readonly createRuntime: (
    artifact: CompiledArtifact,
    isolation: IsolationLevel,
  ) => BaseMorphRuntime
  /** What a level is here, for people: `process, no OS sandbox`. @default its name */
  readonly describeIsolation?: (isolation: IsolationLevel) => string
  /** Decides whether installed bytes may still run. */
  readonly recheck: (version: InstalledVersion, artifact: CompiledArtifact) => Promise<void>
  /** Where people are asked. @default nobody to ask: what a grant sets to `ask` is refused */
  readonly approvals?: ApprovalSurface
  readonly approvalLimits?: Partial<ApprovalLimits>
  /** Tells this host's calls from those of processes that are gone. @default a store that no other process opens */
  readonly writer?: AuditWriter
  /** @default nothing is restricted beyond the built-in ceilings */
  readonly policy?: PolicySource
  readonly builtins?: readonly BuiltinDefinition[]
  /** Set by a development host: permissions may name plain http on loopback. */
  readonly development?: boolean
  /** Raw Ed25519 key that this host's checkpoints are signed with. */
  readonly checkpointKey?: Uint8Array<ArrayBuffer>
  /** Lets go of what the platform holds (workers). */
  readonly onClose?: () => Promise<void>
}
