import type { JsonObject } from '@morphee/core'
import { type AccessRequest, type Explanation, policyFor } from '@morphee/manifest'
import type { ApprovalInbox } from './approvals/approval.ts'
import { ApprovalDesk } from './approvals/approval-desk.ts'
import { Conversations } from './approvals/conversations.ts'
import { type AuditLog, type AuditVerification, exportAudit } from './audit/index.ts'
import { proveAudit } from './audit/prove.ts'
import { createLocalWriter } from './audit/writer.ts'
import { type Connection, type ConnectionOwner, Connections } from './connections/connections.ts'
import { assertDeclaredCredential } from './connections/declared-credential.ts'
import { Deliveries } from './events/deliveries.ts'
import { DeliveryTable } from './events/delivery-table.ts'
import { type ClosableEvents, createHostEvents, type HostEvents } from './events/host-events.ts'
import { ArtifactCache } from './extension/artifact-cache.ts'
import { CallableExtensions } from './extension/callable-extensions.ts'
import type { CompiledArtifact } from './extension/compiled-artifact.ts'
import { ExtensionLoader } from './extension/extension-loader.ts'
import type { HostParts } from './host-parts.ts'
import type { Candidate } from './installations/candidate.ts'
import type { ConsentInput, InstallOutcome } from './installations/install-request.ts'
import type { InstalledVersion, Provenance } from './installations/installation.ts'
import {
  createInstallationManager,
  type InstallationManager,
} from './installations/installation-manager.ts'
import { Installations } from './installations/installations.ts'
import type { Proposal } from './installations/proposal.ts'
import { assertRequest } from './invocation/assert-request.ts'
import { Invocations } from './invocation/invocations.ts'
import type { InvokeRequest, InvokeResult } from './invocation/invoke-request.ts'
import { formatPrincipal, type Principal } from './invocation/principal.ts'
import { explainAccess } from './policy/explain-access.ts'
import { fixedPolicy, type PolicySource } from './policy/policy-source.ts'
import {
  createInterfaceManager,
  type InterfaceDescription,
  type InterfaceManager,
} from './runtimes/interface-manager.ts'
import { createExtensionStorage, type ExtensionStorage } from './store/index.ts'
import { assertWorkspace } from './workspace-name.ts'

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
  /** What happens: announced by extensions and by the application, delivered to extensions that subscribe to it. */
  readonly events: HostEvents
  readonly #parts: HostParts
  readonly #installations: Installations
  readonly #admitted = new WeakSet<Candidate>()
  readonly #artifacts: ArtifactCache
  readonly #connections: Connections
  readonly #extensions: CallableExtensions
  readonly #invocations: Invocations
  readonly #events: ClosableEvents
  readonly #deliveries: Deliveries
  readonly #policy: PolicySource
  #closing: Promise<void> | undefined

  constructor(parts: HostParts) {
    const { store, vault, audit, clock, events, egress, data } = parts
    this.#parts = parts
    this.#policy = parts.policy ?? fixedPolicy({})
    this.audit = audit
    this.storage = createExtensionStorage(store)
    this.#artifacts = new ArtifactCache(this.#policy, parts.development ?? false)
    const connections = new Connections(parts)
    this.#connections = connections
    const writer = parts.writer ?? createLocalWriter()
    const desk = new ApprovalDesk({
      store,
      audit,
      clock,
      writer,
      surface: parts.approvals,
      limits: parts.approvalLimits,
    })
    this.approvals = desk.inbox
    const conversations = new Conversations(parts)
    this.conversations = {
      open: async (workspace, principal) => {
        assertWorkspace(workspace)
        return conversations.open(workspace, principal)
      },
      close: (...args) => conversations.close(...args),
    }
    const installations = new Installations({
      connections,
      store,
      audit,
      vault,
      storage: this.storage,
      clock,
      compile: (bytes) => this.compile(bytes),
    })
    this.#installations = installations
    const loader = new ExtensionLoader({
      installations,
      connections,
      vault,
      clock,
      policy: this.#policy,
      createRuntime: parts.createRuntime,
      recheck: parts.recheck,
      forget: (digest) => this.#artifacts.forget(digest),
    })
    const extensions = new CallableExtensions({
      installations,
      loader,
      builtins: parts.builtins ?? [],
      clock,
    })
    this.#extensions = extensions
    const invocations = new Invocations({
      extensions,
      installations,
      conversations,
      call: {
        egress,
        storage: this.storage,
        data,
        events: {
          emit: async (event) => {
            await events.emit(event)
            this.#events.announced()
          },
        },
        audit,
        approvals: { ask: (asked) => desk.ask(asked) },
        clock,
      },
    })
    this.#invocations = invocations
    const table = new DeliveryTable(store, writer)
    const handle: Invocations['handle'] = (request) => invocations.handle(request)
    const deliveries = new Deliveries({ table, store, installations, audit, clock, handle })
    this.#deliveries = deliveries
    this.#events = createHostEvents({ log: events, table, deliveries, audit, clock })
    this.events = this.#events.events
    this.installations = createInstallationManager(installations, {
      regranted: (...of) => loader.regrant(...of),
      changedVersion: (...of) => deliveries.changedVersion(...of),
      stopped: (...of) => invocations.stop(...of),
    })
    this.interfaces = createInterfaceManager(
      (workspace) => this.list(workspace),
      (request) => this.invoke(request),
    )
  }

  /** Reads, checks and compiles an artifact, without running or keeping any of it. @throws `ERR_HOST_CONTRACT` */
  compile(source: Uint8Array): Promise<CompiledArtifact> {
    return this.#artifacts.compile(source)
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
    assertWorkspace(workspace)
    return this.#installations.propose(workspace, candidate.artifact, config)
  }

  /**
   * Installs a candidate of this host, or updates to it. See {@link Installations.install} for when a consent is needed.
   *
   * @throws `ERR_HOST_CONSENT_REQUIRED`, `ERR_HOST_DOWNGRADE`, `ERR_HOST_PUBLISHER_CHANGED`, `ERR_HOST_CONFIG_INVALID`
   */
  async install({
    workspace,
    principal,
    candidate,
    config,
    consent,
  }: InstallCandidateRequest): Promise<InstallOutcome> {
    assertWorkspace(workspace)
    if (!this.#admitted.has(candidate))
      throw new TypeError('A host installs only candidates that it admitted itself')
    const { artifact, provenance } = candidate
    const outcome = await this.#installations.install({
      workspace,
      principal,
      artifact,
      provenance,
      config,
      ...(consent === undefined ? {} : { consent }),
    })
    await this.#deliveries.changedVersion(workspace, artifact.manifest.name)
    return outcome
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
    assertWorkspace(workspace)
    return this.#extensions.list(workspace)
  }

  /** Where the operator's policy has an extension run, for people: `worker`, or `process` with what the operating system adds. */
  isolationOf(extension: string): string {
    const { isolation } = policyFor(this.#policy.current(), extension)
    return this.#parts.describeIsolation?.(isolation) ?? isolation
  }

  /** Runs one action. @throws `ERR_HOST_*` */
  async invoke(request: InvokeRequest): Promise<InvokeResult> {
    this.#assertOpen()
    assertRequest(request)
    return this.#invocations.invoke(request)
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
    assertDeclaredCredential(manifest, name, fields)
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
  verifyAudit(): Promise<AuditVerification> {
    const { store, checkpointKey } = this.#parts
    return proveAudit({ store, audit: this.audit, checkpointKey })
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
  explain(
    workspace: string,
    extension: string,
    action: string,
    request: AccessRequest,
  ): Promise<Explanation> {
    const services = {
      installations: this.#installations,
      policy: this.#policy,
      clock: this.#parts.clock,
    }
    return explainAccess(services, { workspace, extension, action, request })
  }

  /** Waits for running calls to end, then lets go of everything. To end them sooner, abort their signals first. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#events.close()
    await this.#invocations.settled()
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
}
