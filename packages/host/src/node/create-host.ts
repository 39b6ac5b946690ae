import { type Clock, systemClock } from '@morphee/core'
import { createEgress, type Egress } from '@morphee/egress'
import { createSystemResolver, createUndiciTransport } from '@morphee/egress/node'
import type { Policy } from '@morphee/manifest'
import type { TrustSource } from '@morphee/signing'
import { join } from 'node:path'
import type { ApprovalSurface } from '../approvals/approval.ts'
import type { ApprovalLimits } from '../approvals/approval-services.ts'
import { APPROVAL_MIGRATIONS } from '../approvals/migrations.ts'
import { createAuditLog } from '../audit/index.ts'
import { CONNECTION_MIGRATIONS } from '../connections/migrations.ts'
import { TASKS_COLLECTION } from '../builtins/tasks.ts'
import { DATA_MIGRATIONS } from '../data/migrations.ts'
import { type CollectionRules, createStoreDataProvider } from '../data/store-data-provider.ts'
import { DevelopmentHost } from '../development-host.ts'
import { EVENT_MIGRATIONS } from '../events/migrations.ts'
import { createStoreEventLog } from '../events/store-event-log.ts'
import type { BuiltinDefinition } from '../extension/builtin.ts'
import type { HostParts } from '../host-parts.ts'
import { INSTALLATION_MIGRATIONS } from '../installations/migrations.ts'
import { fixedPolicy, type PolicySource } from '../policy/policy-source.ts'
import { SignedHost } from '../signed-host.ts'
import { auditMigrations, extensionStorageMigrations, vaultMigrations } from '../store/index.ts'
import { createVault } from '../vault/index.ts'
import { createProcessWriter, nodeAuditHash, openCheckpointSigner } from './audit/index.ts'
import { type HomeKind, openHome } from './home.ts'
import { createHousing, describeIsolation, type HousingOptions } from './isolation/housing.ts'
import { openSqliteStore } from './store/index.ts'
import { openMasterKey } from './vault/index.ts'
import { createWasmRuntime } from './wasm-runtime.ts'

/** Options of both kinds of host. */
export interface NodeHostOptions extends HousingOptions {
  /** Data directory: database, master key, checkpoint key. Made when it is not there, private to its owner. */
  readonly home: string
  /** @default the system's resolver and sockets, special addresses refused */
  readonly egress?: Egress
  /** The operator's policy, or where it comes from: {@link openPolicyFile}. @default nothing is restricted */
  readonly policy?: Policy | PolicySource
  /** @default nobody to ask: what a grant sets to `ask` is refused */
  readonly approvals?: ApprovalSurface
  readonly approvalLimits?: Partial<ApprovalLimits>
  readonly builtins?: readonly BuiltinDefinition[]
  /** The application's collections beside `tasks`, held in the host's own store. */
  readonly collections?: Readonly<Record<string, CollectionRules>>
  readonly clock?: Clock
}

/** Options of {@link createHost}. */
export interface CreateHostOptions extends NodeHostOptions {
  /** Whose signatures count. */
  readonly trust: TrustSource
}

/**
 * Opens a host for signed extensions on its data directory.
 *
 * @throws `ERR_HOST_HOME`, `ERR_STORE_*`, `ERR_VAULT_*`
 */
export async function createHost(options: CreateHostOptions): Promise<SignedHost> {
  return new SignedHost({ ...(await openParts(options, 'signed')), trust: options.trust })
}

/**
 * Opens a host that runs unsigned code, for authors, on a data directory of its own.
 *
 * @throws `ERR_HOST_HOME`, `ERR_STORE_*`, `ERR_VAULT_*`
 */
export async function createDevelopmentHost(options: NodeHostOptions): Promise<DevelopmentHost> {
  return new DevelopmentHost(await openParts(options, 'development'))
}

function policySourceOf(policy: Policy | PolicySource): PolicySource {
  return 'current' in policy ? policy : fixedPolicy(policy)
}

async function openParts(
  options: NodeHostOptions,
  kind: HomeKind,
): Promise<Omit<HostParts, 'recheck' | 'development'>> {
  const { home, clock = systemClock } = options
  await openHome(home, kind)
  const store = await openSqliteStore({
    path: join(home, 'morphee.db'),
    migrations: [
      ...extensionStorageMigrations,
      ...vaultMigrations,
      ...auditMigrations,
      ...INSTALLATION_MIGRATIONS,
      ...CONNECTION_MIGRATIONS,
      ...APPROVAL_MIGRATIONS,
      ...DATA_MIGRATIONS,
      ...EVENT_MIGRATIONS,
    ],
  })
  try {
    const vault = createVault({
      store,
      masterKey: await openMasterKey({ path: join(home, 'master.key') }),
    })
    const signer = await openCheckpointSigner(join(home, 'checkpoint.key'))
    const writer = createProcessWriter()
    const audit = createAuditLog({
      store,
      clock,
      hash: nodeAuditHash,
      signer,
      commitmentKey: (workspace) => vault.deriveKey(workspace, 'audit'),
      writer,
    })
    await audit.recover()
    const housing = createHousing(options)
    const egress =
      options.egress ??
      createEgress({
        transport: createUndiciTransport(),
        resolver: createSystemResolver(),
        allowPlainHttpLoopback: kind === 'development',
        clock,
      })
    return {
      store,
      vault,
      audit,
      data: await createStoreDataProvider(store, {
        tasks: TASKS_COLLECTION,
        ...options.collections,
      }),
      events: createStoreEventLog(store, clock),
      egress,
      clock,
      createRuntime: (artifact, isolation) => createWasmRuntime(housing, artifact, isolation),
      describeIsolation,
      checkpointKey: signer.publicKey,
      onClose: () => housing.close(),
      writer,
      ...(options.approvals === undefined ? {} : { approvals: options.approvals }),
      ...(options.approvalLimits === undefined ? {} : { approvalLimits: options.approvalLimits }),
      policy: policySourceOf(options.policy ?? {}),
      ...(options.builtins === undefined ? {} : { builtins: options.builtins }),
    }
  } catch (error) {
    await store.close()
    throw error
  }
}
