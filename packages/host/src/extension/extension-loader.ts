import type { Clock, Digest, JsonObject } from '@morphee/core'
import {
  authorityDigest,
  authorityOf,
  effectiveLimits,
  type EffectivePolicy,
  type Grant,
  type IsolationLevel,
  type Policy,
  policyFor,
  type PolicyRules,
  resolveAudience,
  resolvePermissions,
} from '@morphee/manifest'
import type { ResolvedCredential } from '../capabilities/capability.ts'
import type { Connections } from '../connections/connections.ts'
import { HostError } from '../errors.ts'
import type { Consent, Installation, InstalledVersion } from '../installations/installation.ts'
import type { Installations } from '../installations/installations.ts'
import { createMeters, type Meters } from '../invocation/meters.ts'
import { MAX_CRASHES } from '../invocation/invoke.ts'
import { assertMayRun } from '../policy/assert-may-run.ts'
import type { PolicySource } from '../policy/policy-source.ts'
import type { BaseMorphRuntime } from '../runtimes/runtime.ts'
import type { Vault } from '../vault/index.ts'
import { createExtensionSecrets, secretScope } from '../secrets/extension-secrets.ts'
import { createCallAuthority, HANDLER_AUTHORITY } from './authority.ts'
import type { CompiledArtifact } from './compiled-artifact.ts'
import type { LoadedAction, LoadedExtension } from './loaded-extension.ts'

/** What {@link ExtensionLoader} works with. */
export interface LoaderServices {
  readonly installations: Installations
  readonly connections: Connections
  readonly vault: Vault
  readonly clock: Clock
  readonly policy: PolicySource
  readonly createRuntime: (
    artifact: CompiledArtifact,
    isolation: IsolationLevel,
  ) => BaseMorphRuntime
  /** Looks the signing key up again; throws when it must not run any more. Called at every load, and again when a minute has passed. */
  readonly recheck: (version: InstalledVersion, artifact: CompiledArtifact) => Promise<void>
  /** Drops what is kept compiled of this code. */
  readonly forget: (digest: Digest) => void
}

/** The grant in force; calls that run look here at each effect. */
interface Granted {
  grant: Grant
}

interface Cached {
  /** What the limits and the isolation of `loaded` were read from. */
  readonly policy: Policy
  readonly stamp: string
  readonly loaded: LoadedExtension
  readonly version: InstalledVersion
  readonly artifact: CompiledArtifact
  checkedAt: number
}

const NOTHING_ALLOWED: PolicyRules = { ceiling: [] }
const RECHECK_MS = 60_000
const MAX_CACHED = 256

/**
 * Turns an installation into something that can be called.
 *
 * What is cached is bound to the installation's row and the policy; any change of version, settings, state, consent or policy makes it be loaded again
 * from stored bytes, which are hashed. Meters outlive a reload: a new configuration is no new allowance.
 */
export class ExtensionLoader {
  readonly #services: LoaderServices
  readonly #cache = new Map<string, Cached>()
  readonly #meters = new Map<string, Meters>()
  readonly #granted = new Map<string, Granted>()

  constructor(services: LoaderServices) {
    this.#services = services
  }

  /**
   * The installed extension, ready to be called.
   *
   * @throws `ERR_HOST_NOT_INSTALLED`, `ERR_HOST_NOT_ACTIVE`, `ERR_HOST_QUARANTINED`, `ERR_HOST_CONSENT_REQUIRED`, `ERR_HOST_ARTIFACT_CORRUPT`
   */
  async load(workspace: string, extension: string): Promise<LoadedExtension> {
    const { installation, versions } = await this.#services.installations.show(workspace, extension)
    this.#assertActive(installation)
    const version = versions.find(({ digest }) => digest === installation.activeDigest)
    if (version?.consent === undefined) {
      const reason = 'nobody has said yes to its active version'
      throw new HostError('ERR_HOST_CONSENT_REQUIRED', `Cannot run "${extension}": ${reason}`, {
        extension,
        reason,
      })
    }
    const stamp = `${installation.activeDigest} ${installation.updatedAt} ${version.consent.id}`
    const now = this.#services.clock.monotonic()
    const policy = this.#services.policy.current()
    assertMayRun(policy, extension)
    const cached = this.#cache.get(installation.id)
    if (cached?.stamp === stamp && cached.policy === policy) {
      if (now - cached.checkedAt >= RECHECK_MS) {
        await this.#recheck(installation, version, cached.artifact)
        cached.checkedAt = now
      }
      return cached.loaded
    }
    const artifact = await this.#services.installations.artifact(installation.activeDigest)
    await this.#recheck(installation, version, artifact)
    await this.#assertConsented(installation, version.consent, artifact)
    const granted = this.#grantNow(installation, version.consent)
    const loaded = this.#build(installation, granted, artifact, policyFor(policy, extension))
    this.#cache.delete(installation.id)
    this.#cache.set(installation.id, {
      policy,
      stamp,
      loaded,
      version,
      artifact,
      checkedAt: now,
    })
    if (this.#cache.size > MAX_CACHED) this.#cache.delete(this.#cache.keys().next().value as string)
    return loaded
  }

  /** Lets calls that run already see a grant that was changed: what was taken back is not done any more. */
  async regrant(workspace: string, extension: string): Promise<void> {
    const { installation, versions } = await this.#services.installations.show(workspace, extension)
    const consent = versions.find(({ digest }) => digest === installation.activeDigest)?.consent
    if (consent !== undefined) this.#grantNow(installation, consent)
  }

  // One for each installation, whatever is loaded of it: what is taken back counts for every call that runs.
  #grantNow({ id }: Installation, consent: Consent): Granted {
    const grant = consent.grant as unknown as Grant
    const granted = this.#granted.get(id) ?? { grant }
    granted.grant = grant
    this.#granted.set(id, granted)
    return granted
  }

  // What may not run any more is not kept ready to run either: not here, and not where guests run.
  async #recheck(
    { id }: Installation,
    version: InstalledVersion,
    artifact: CompiledArtifact,
  ): Promise<void> {
    try {
      await this.#services.recheck(version, artifact)
    } catch (error) {
      const cached = this.#cache.get(id)
      this.#cache.delete(id)
      this.#services.forget(artifact.digest)
      await cached?.loaded.runtime.close()
      throw error
    }
  }

  // The yes was given to one authority. Should settings or bytes ever come apart from it, nothing runs on an old yes.
  async #assertConsented(
    { extension, config }: Installation,
    consent: Consent,
    { manifest, assets }: CompiledArtifact,
  ): Promise<void> {
    const digest = await authorityDigest(authorityOf(manifest, { config, assets }))
    if (digest === consent.authorityDigest) return
    const reason = 'its settings or its code are not those that somebody said yes to'
    throw new HostError('ERR_HOST_CONSENT_REQUIRED', `Cannot run "${extension}": ${reason}`, {
      extension,
      reason,
    })
  }

  #assertActive({ extension, state }: Installation): void {
    if (state === 'active') return
    if (state === 'quarantined') {
      throw new HostError(
        'ERR_HOST_QUARANTINED',
        `Cannot run "${extension}": it crashed ${MAX_CRASHES} times within ten minutes`,
        {
          extension,
          crashes: MAX_CRASHES,
        },
      )
    }
    throw new HostError('ERR_HOST_NOT_ACTIVE', `Cannot run "${extension}": it is ${state}`, {
      extension,
      state,
    })
  }

  // Asked at every effect: a policy that changes while a call runs counts for the rest of the call.
  #rulesNow(extension: string): PolicyRules {
    const { rules, refusal } = policyFor(this.#services.policy.current(), extension)
    return refusal === undefined ? rules : NOTHING_ALLOWED
  }

  #build(
    installation: Installation,
    granted: Granted,
    artifact: CompiledArtifact,
    policy: EffectivePolicy,
  ): LoadedExtension {
    const { connections, vault, clock } = this.#services
    const { manifest } = artifact
    const resolved = resolvePermissions(manifest, installation.config)
    const meters = this.#meters.get(installation.id) ?? createMeters(clock)
    this.#meters.set(installation.id, meters)

    const rules = (): PolicyRules => this.#rulesNow(installation.extension)
    const actions = new Map<string, LoadedAction>()
    for (const [name, action] of Object.entries(manifest.actions)) {
      const schemas = artifact.schemas.get(name)
      if (schemas === undefined) continue
      actions.set(name, {
        description: {
          name,
          title: action.title,
          description: action.description ?? '',
          effect: action.effect,
          input: action.input as JsonObject,
          output: action.output as JsonObject,
        },
        checkInput: (value) => schemas.input.validate(value),
        checkOutput: (value) => schemas.output.validate(value),
        authority: createCallAuthority(
          { name, ...action },
          resolved,
          () => granted.grant,
          rules,
          clock,
        ),
      })
    }

    const handler = resolved.some(({ kind }) => kind === 'event:subscribe')
      ? createCallAuthority(HANDLER_AUTHORITY, resolved, () => granted.grant, rules, clock)
      : undefined

    const { workspace, extension, id } = installation
    const scope = { workspace, extension, installation: id }
    const credentials = new Map<string, ResolvedCredential>()
    for (const [name, spec] of Object.entries(manifest.credentials)) {
      credentials.set(name, {
        kind: spec.kind,
        audience: resolveAudience(manifest, name, installation.config),
        ...(spec.kind === 'api-key' ? { header: spec.header, scheme: spec.scheme } : {}),
        connectionFor: (principal) => connections.find(scope, principal, name),
        read: (connection) => connections.read(installation.workspace, connection),
      })
    }
    return {
      installation: id,
      extension,
      version: manifest.version,
      title: manifest.title,
      digest: artifact.digest,
      actions,
      ...(handler === undefined ? {} : { handler }),
      limits: effectiveLimits(manifest.limits, policy.ceilings),
      config: installation.config,
      credentials,
      secrets: createExtensionSecrets(vault, secretScope(installation)),
      meters,
      privateNetworks: policy.privateNetworks,
      runtime: this.#services.createRuntime(artifact, policy.isolation),
    }
  }
}
