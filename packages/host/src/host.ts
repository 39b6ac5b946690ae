import { type Clock, digestOf, isPlatformError, type JsonObject } from '@morphee/core'
import type { Egress } from '@morphee/egress'
import {
  type AccessRequest,
  explainDecision,
  type Explanation,
  type Grant,
  type IsolationLevel,
  type Policy,
  policyFor,
  resolvePermissions,
} from '@morphee/manifest'
import type { ApprovalInbox, ApprovalSurface } from './approvals/approval.ts'
import { ApprovalDesk, type ApprovalLimits } from './approvals/approval-desk.ts'
import { Conversations } from './approvals/conversations.ts'
import {
  type AuditLog,
  type AuditVerification,
  type AuditWriter,
  exportAudit,
  verifyAudit,
} from './audit/index.ts'
import { createLocalWriter } from './audit/writer.ts'
import { type Connection, type ConnectionOwner, Connections } from './connections/connections.ts'
import type { DataProvider } from './data/data-provider.ts'
import { createBuiltin, type BuiltinDefinition } from './extension/builtin.ts'
import { type CompiledArtifact, compileArtifact } from './extension/compiled-artifact.ts'
import { ExtensionLoader } from './extension/extension-loader.ts'
import type { LoadedExtension } from './extension/loaded-extension.ts'
import { actionUnknown, HostError } from './errors.ts'
import type { EventLog } from './events/store-event-log.ts'
import type { Candidate } from './installations/candidate.ts'
import type { InstalledVersion, Provenance } from './installations/installation.ts'
import type { ConsentInput, InstallOutcome } from './installations/install-request.ts'
import { Installations } from './installations/installations.ts'
import type { Proposal } from './installations/proposal.ts'
import { invokeLoaded, MAX_CRASHES, recordRefusedCall } from './invocation/invoke.ts'
import type { InvokeRequest, InvokeResult } from './invocation/invoke-request.ts'
import { formatPrincipal, type Principal } from './invocation/principal.ts'
import { fixedPolicy, type PolicySource } from './policy/policy-source.ts'
import {
  createInterfaceManager,
  type InterfaceDescription,
  type InterfaceManager,
} from './runtimes/interface-manager.ts'
import type { BaseMorphRuntime } from './runtimes/runtime.ts'
import { createExtensionStorage, type ExtensionStorage, type Store } from './store/index.ts'
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

/** Most artifacts kept compiled. */
const MAX_COMPILED = 64

/** The installations of a host, without the door for new code. */
export type InstallationManager = Pick<
  Installations,
  | 'list'
  | 'show'
  | 'proposeSettings'
  | 'decline'
  | 'rollback'
  | 'configure'
  | 'grant'
  | 'setState'
  | 'remove'
>

/** What {@link Host.install} takes. */
export interface InstallCandidateRequest {
  readonly workspace: string
  readonly principal: Principal
  /** From this host's own `admit…` or `pending`. */
  readonly candidate: Candidate
  /** Settings that differ from the manifest's defaults and, in an update, from the ones in force. */
  readonly config: JsonObject
  readonly consent?: ConsentInput
}

/** Options of {@link Host.connect}. */
export interface ConnectOptions {
  /** Serves everybody in the workspace, and automation. @default false */
  readonly shared?: boolean
}

interface CompiledEntry {
  /** Its ceilings are part of what was compiled. */
  readonly policy: Policy
  readonly compiling: Promise<CompiledArtifact>
}

interface RunningCall {
  readonly workspace: string
  readonly extension: string
  readonly stopper: AbortController
}

/**
 * Runs extensions: the part that an application embeds.
 *
 * What may be installed is up to the two kinds of host: `createHost` takes what a trusted publisher signed, `DevelopmentHost`
 * takes anything and has a home of its own.
 */
export abstract class Host {
  /** All that a model's surface, an agent token or a tool may be handed: it lists and invokes. */
  readonly interfaces: InterfaceManager
  /** Where questions are answered, for a person's own session. */
  readonly approvals: ApprovalInbox
  /** Conversations that an approval may cover; their ids are minted here and nowhere else. */
  readonly conversations: Pick<Conversations, 'open' | 'close'>
  readonly installations: InstallationManager
  readonly audit: AuditLog
  readonly storage: ExtensionStorage
  /** What extensions announced, for the application. */
  readonly events: Pick<EventLog, 'list'>
  readonly #parts: HostParts
  readonly #installations: Installations
  readonly #admitted = new WeakSet<Candidate>()
  readonly #loader: ExtensionLoader
  readonly #desk: ApprovalDesk
  readonly #conversations: Conversations
  readonly #connections: Connections
  readonly #builtins = new Map<string, BuiltinDefinition>()
  readonly #builtinsLoaded = new Map<string, Promise<LoadedExtension>>()
  readonly #compiled = new Map<string, CompiledEntry>()
  readonly #policy: PolicySource
  readonly #running = new Set<Promise<unknown>>()
  readonly #calls = new Set<RunningCall>()
  #closing: Promise<void> | undefined

  constructor(parts: HostParts) {
    this.#parts = parts
    this.#policy = parts.policy ?? fixedPolicy({})
    this.audit = parts.audit
    this.storage = createExtensionStorage(parts.store)
    this.events = { list: (...args) => parts.events.list(...args) }
    const connections = new Connections(parts)
    this.#connections = connections
    this.#desk = new ApprovalDesk({
      store: parts.store,
      audit: parts.audit,
      clock: parts.clock,
      writer: parts.writer ?? createLocalWriter(),
      surface: parts.approvals,
      limits: parts.approvalLimits,
    })
    this.approvals = this.#desk.inbox
    const conversations = new Conversations(parts)
    this.#conversations = conversations
    this.conversations = {
      open: async (workspace, principal) => {
        checkWorkspace(workspace)
        return conversations.open(workspace, principal)
      },
      close: (...args) => conversations.close(...args),
    }
    this.interfaces = createInterfaceManager(
      (workspace) => this.list(workspace),
      (request) => this.invoke(request),
    )
    const installations = new Installations({
      connections,
      store: parts.store,
      audit: parts.audit,
      vault: parts.vault,
      storage: this.storage,
      clock: parts.clock,
      compile: (bytes) => this.compile(bytes),
    })
    this.#installations = installations
    this.installations = {
      list: (...args) => installations.list(...args),
      show: (...args) => installations.show(...args),
      proposeSettings: (...args) => installations.proposeSettings(...args),
      decline: (...args) => installations.decline(...args),
      rollback: (...args) => installations.rollback(...args),
      configure: (...args) => installations.configure(...args),
      grant: async (...args) => {
        const consent = await installations.grant(...args)
        await this.#loader.regrant(args[0], args[1])
        return consent
      },
      setState: async (workspace, extension, principal, state) => {
        await installations.setState(workspace, extension, principal, state)
        if (state !== 'active') this.#stop(workspace, extension, state)
      },
      remove: async (workspace, extension, principal, options) => {
        await installations.remove(workspace, extension, principal, options)
        this.#stop(workspace, extension, 'removed')
      },
    }
    this.#loader = new ExtensionLoader({
      installations,
      connections,
      vault: parts.vault,
      clock: parts.clock,
      policy: this.#policy,
      createRuntime: parts.createRuntime,
      recheck: parts.recheck,
      forget: (digest) => void this.#compiled.delete(digest),
    })
    for (const builtin of parts.builtins ?? []) this.#builtins.set(builtin.manifest.name, builtin)
  }

  /** Reads, checks and compiles an artifact, without running or keeping any of it. @throws `ERR_HOST_CONTRACT` */
  async compile(source: Uint8Array): Promise<CompiledArtifact> {
    // A private copy: the bytes that are hashed are the bytes that are compiled, whoever holds the array.
    const bytes = new Uint8Array(source)
    const digest = await digestOf(bytes)
    const policy = this.#policy.current()
    const known = this.#compiled.get(digest)
    if (known?.policy === policy) return known.compiling
    const compiling = compileArtifact(bytes, digest, {
      policy,
      development: this.#parts.development ?? false,
    })
    const entry = { policy, compiling }
    this.#compiled.set(digest, entry)
    if (this.#compiled.size > MAX_COMPILED)
      this.#compiled.delete(this.#compiled.keys().next().value as string)
    compiling.catch(() => {
      if (this.#compiled.get(digest) === entry) this.#compiled.delete(digest)
    })
    return compiling
  }

  /** Marks an artifact as one that this host may install. For subclasses: what they have verified is what they admit. */
  protected admit(artifact: CompiledArtifact, provenance: Provenance): Candidate {
    const candidate: Candidate = Object.freeze({
      manifest: artifact.manifest,
      artifact,
      provenance,
    })
    this.#admitted.add(candidate)
    return candidate
  }

  /** What installing or updating to `candidate` would mean, without doing it. @throws `ERR_HOST_CONFIG_INVALID` */
  propose(workspace: string, candidate: Candidate, config: JsonObject): Promise<Proposal> {
    checkWorkspace(workspace)
    return this.#installations.propose(workspace, candidate.artifact, config)
  }

  /**
   * Installs a candidate of this host, or updates to it. See {@link Installations.install} for when a consent is needed.
   *
   * @throws `ERR_HOST_CONSENT_REQUIRED`, `ERR_HOST_DOWNGRADE`, `ERR_HOST_PUBLISHER_CHANGED`, `ERR_HOST_CONFIG_INVALID`
   */
  install({
    workspace,
    principal,
    candidate,
    config,
    consent,
  }: InstallCandidateRequest): Promise<InstallOutcome> {
    checkWorkspace(workspace)
    if (!this.#admitted.has(candidate))
      throw new TypeError('A host installs only candidates that it admitted itself')
    const { artifact, provenance } = candidate
    return this.#installations.install({
      workspace,
      principal,
      artifact,
      provenance,
      config,
      ...(consent === undefined ? {} : { consent }),
    })
  }

  /** The update that waits for a yes, as a candidate; what it came with is checked again. @throws `ERR_HOST_NOT_INSTALLED` */
  async pending(workspace: string, extension: string): Promise<Candidate | undefined> {
    const { installation, versions } = await this.#installations.show(workspace, extension)
    const version = versions.find(({ digest }) => digest === installation.pendingDigest)
    if (version === undefined) return undefined
    const artifact = await this.#installations.artifact(version.digest)
    await this.#parts.recheck(version, artifact)
    return this.admit(artifact, version.provenance)
  }

  /** The version below which nothing of this publisher is installed here; it outlives an uninstall. */
  protected floor(
    workspace: string,
    extension: string,
    publisher: string,
  ): Promise<string | undefined> {
    return this.#installations.floor(workspace, extension, publisher)
  }

  /** The active version, as a candidate. @throws `ERR_HOST_NOT_INSTALLED` */
  async active(workspace: string, extension: string): Promise<Candidate> {
    const { installation, versions } = await this.#installations.show(workspace, extension)
    const version = versions.find(
      ({ digest }) => digest === installation.activeDigest,
    ) as InstalledVersion
    return this.admit(await this.#installations.artifact(version.digest), version.provenance)
  }

  /** What can be called in a workspace. Installations that are not active, or that cannot be loaded, are left out. */
  async list(workspace: string): Promise<readonly InterfaceDescription[]> {
    this.#assertOpen()
    checkWorkspace(workspace)
    const described: InterfaceDescription[] = []
    for (const name of this.#builtins.keys())
      described.push(describe(await this.#load(workspace, name)))
    for (const { extension, state } of await this.installations.list(workspace)) {
      if (state !== 'active') continue
      try {
        described.push(describe(await this.#load(workspace, extension)))
      } catch (error) {
        // One revoked or damaged installation must not hide the others; a call of it says what is wrong.
        if (!isPlatformError(error)) throw error
      }
    }
    return described.sort((a, b) => (a.extension < b.extension ? -1 : 1))
  }

  /** Where the operator's policy has an extension run, for people: `worker`, or `process` with what the operating system adds. */
  isolationOf(extension: string): string {
    const { isolation } = policyFor(this.#policy.current(), extension)
    return this.#parts.describeIsolation?.(isolation) ?? isolation
  }

  /** Runs one action. @throws `ERR_HOST_*` */
  async invoke(request: InvokeRequest): Promise<InvokeResult> {
    this.#assertOpen()
    checkRequest(request)
    const running = this.#invoke(request)
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /**
   * Stores a credential that an extension declares: for the calls of this person, or shared with the whole workspace.
   *
   * @throws `ERR_HOST_CREDENTIAL_UNKNOWN`, `ERR_HOST_ARGUMENT`, `ERR_HOST_NOT_INSTALLED`
   */
  async connect(
    workspace: string,
    extension: string,
    principal: Principal,
    name: string,
    fields: JsonObject,
    options: ConnectOptions = {},
  ): Promise<Connection> {
    const { installation } = await this.installations.show(workspace, extension)
    const { manifest } = await this.#installations.artifact(installation.activeDigest)
    const spec = Object.hasOwn(manifest.credentials, name) ? manifest.credentials[name] : undefined
    if (spec === undefined) {
      throw new HostError(
        'ERR_HOST_CREDENTIAL_UNKNOWN',
        `Cannot connect "${extension}": it declares no credential "${name.slice(0, 100)}"`,
        {
          credential: name.slice(0, 100),
        },
      )
    }
    const wanted = Object.keys(spec.fields)
    const given = Object.keys(fields)
    const missing = wanted.find(
      (field) => typeof fields[field] !== 'string' || fields[field] === '',
    )
    const extra = given.find((field) => !wanted.includes(field))
    if (missing !== undefined || extra !== undefined) {
      throw new HostError(
        'ERR_HOST_ARGUMENT',
        `Cannot connect "${extension}": credential "${name}" has the fields ${wanted.join(', ')}`,
        {
          argument: missing ?? (extra as string),
          accepted: wanted.join(', '),
        },
      )
    }
    return this.#connections.connect(
      { workspace, extension, installation: installation.id },
      principal,
      name,
      fields,
      options.shared ?? false,
    )
  }

  /** Forgets a connection of `principal`, or the shared one; `false` when there is none. @throws `ERR_HOST_NOT_INSTALLED` */
  async disconnect(
    workspace: string,
    extension: string,
    principal: Principal,
    name: string,
    options: ConnectOptions = {},
  ): Promise<boolean> {
    const { installation } = await this.installations.show(workspace, extension)
    const owner =
      options.shared === true ? 'shared' : (formatPrincipal(principal) as ConnectionOwner)
    const scope = { workspace, extension, installation: installation.id }
    return this.#connections.disconnect(scope, principal, name, owner)
  }

  /** Whose credentials have been entered, never what is in them. @throws `ERR_HOST_NOT_INSTALLED` */
  async connections(workspace: string, extension: string): Promise<readonly Connection[]> {
    const { installation } = await this.installations.show(workspace, extension)
    return this.#connections.list({ workspace, installation: installation.id })
  }

  /**
   * Signs a checkpoint over all chains, then proves the whole audit trail.
   *
   * @throws `ERR_AUDIT_BROKEN` with the place
   */
  async verifyAudit(): Promise<AuditVerification> {
    const { store, checkpointKey } = this.#parts
    if (checkpointKey === undefined) return verifyAudit({ store })
    const before = await verifyAudit({ store, publicKeys: [checkpointKey] })
    const covered = before.workspaces.every(
      ({ records, provenThrough }) => records === provenThrough,
    )
    // Proven before it is signed: a checkpoint over a broken chain would vouch for the break.
    if (covered) return before
    await this.audit.checkpoint()
    return verifyAudit({ store, publicKeys: [checkpointKey] })
  }

  /** One workspace's audit trail as JSON lines, to be kept or proven elsewhere. */
  exportAudit(workspace: string): AsyncIterable<string> {
    return exportAudit(this.#parts.store, { workspace })
  }

  /**
   * What manifest, action, grant and policy of an installed extension say to an access, without anything happening.
   *
   * @throws `ERR_HOST_NOT_INSTALLED`, `ERR_HOST_ACTION_UNKNOWN`
   */
  async explain(
    workspace: string,
    extension: string,
    action: string,
    request: AccessRequest,
  ): Promise<Explanation> {
    const { installation, versions } = await this.#installations.show(workspace, extension)
    const { manifest } = await this.#installations.artifact(installation.activeDigest)
    const spec = Object.hasOwn(manifest.actions, action) ? manifest.actions[action] : undefined
    if (spec === undefined) throw actionUnknown(extension, action, Object.keys(manifest.actions))
    const consent = versions.find(({ digest }) => digest === installation.activeDigest)?.consent
    return explainDecision(request, {
      manifest: resolvePermissions(manifest, installation.config),
      action: { name: action, ...spec },
      grant: consent === undefined ? { entries: [] } : (consent.grant as unknown as Grant),
      policy: policyFor(this.#policy.current(), extension).rules,
      now: this.#parts.clock.now(),
    })
  }

  /** Waits for running calls to end, then lets go of everything. To end them sooner, abort their signals first. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#running)
    // Each is let go of, whatever goes wrong with the ones before it.
    try {
      await this.audit.close()
    } finally {
      try {
        await this.#parts.onClose?.()
        await this.#parts.egress.close()
      } finally {
        await this.#parts.store.close()
      }
    }
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new TypeError('The host is closed')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #invoke(request: InvokeRequest): Promise<InvokeResult> {
    const stopper = new AbortController()
    const call = { workspace: request.workspace, extension: request.extension, stopper }
    // Before it is loaded, so that what is taken back meanwhile is taken back from this call too.
    this.#calls.add(call)
    const { signal } = stopper
    try {
      return await this.#run({
        ...request,
        signal: request.signal === undefined ? signal : AbortSignal.any([request.signal, signal]),
      })
    } finally {
      this.#calls.delete(call)
    }
  }

  /** Ends the calls of an extension that a person switched off or removed: they must not act on. */
  #stop(workspace: string, extension: string, state: string): void {
    for (const call of this.#calls) {
      if (call.workspace !== workspace || call.extension !== extension) continue
      const message = `Stopped "${extension}": it is ${state}`
      call.stopper.abort(new HostError('ERR_HOST_NOT_ACTIVE', message, { extension, state }))
    }
  }

  async #run(request: InvokeRequest): Promise<InvokeResult> {
    let loaded: LoadedExtension
    try {
      const { workspace, principal, conversation } = request
      if (conversation !== undefined)
        await this.#conversations.assertOpen(workspace, principal, conversation)
      loaded = await this.#load(request.workspace, request.extension)
    } catch (error) {
      await recordRefusedCall(this.audit, request, error)
      throw error
    }
    try {
      return await invokeLoaded(loaded, request, {
        egress: this.#parts.egress,
        storage: this.storage,
        data: this.#parts.data,
        events: this.#parts.events,
        audit: this.audit,
        approvals: { ask: (asked) => this.#desk.ask(asked) },
        clock: this.#parts.clock,
      })
    } catch (error) {
      if (this.#loader.crashes(loaded) >= MAX_CRASHES && !this.#builtins.has(loaded.extension))
        await this.#quarantine(request.workspace, loaded)
      throw error
    }
  }

  async #quarantine(workspace: string, { extension, meters }: LoadedExtension): Promise<void> {
    meters.crashes = []
    const by = { kind: 'automation', trigger: 'event' } as const
    try {
      await this.installations.setState(workspace, extension, by, 'quarantined')
    } catch (error) {
      // Removed while it ran: there is nothing left to stop, and the caller gets to know of the crash itself.
      if (!isPlatformError(error, 'ERR_HOST_NOT_INSTALLED')) throw error
    }
  }

  #load(workspace: string, extension: string): Promise<LoadedExtension> {
    const builtin = this.#builtins.get(extension)
    if (builtin === undefined) return this.#loader.load(workspace, extension)
    const key = `${workspace}\n${extension}`
    let loaded = this.#builtinsLoaded.get(key)
    if (loaded === undefined) {
      loaded = createBuiltin(builtin, this.#parts.clock)
      this.#builtinsLoaded.set(key, loaded)
    }
    return loaded
  }
}

function describe(loaded: LoadedExtension): InterfaceDescription {
  return {
    extension: loaded.extension,
    version: loaded.version,
    title: loaded.title,
    actions: [...loaded.actions.values()].map(({ description }) => description),
  }
}

const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/

function checkWorkspace(workspace: string): void {
  if (!NAME.test(workspace)) {
    const accepted = 'lower-case letters, digits and hyphens, at most 63'
    throw new HostError(
      'ERR_HOST_ARGUMENT',
      `Cannot use this workspace: its name is not valid; it takes ${accepted}`,
      { argument: 'workspace', accepted },
    )
  }
}

function checkRequest({
  workspace,
  idempotencyKey,
}: InvokeRequest & { readonly idempotencyKey?: unknown }): void {
  checkWorkspace(workspace)
  if (idempotencyKey !== undefined) {
    throw new HostError(
      'ERR_HOST_ARGUMENT',
      'Cannot use an idempotency key: this host does not enforce them yet',
      {
        argument: 'idempotencyKey',
        accepted: 'no key',
      },
    )
  }
}
