import {
  cleanLine,
  type Clock,
  createId,
  type Digest,
  digestOf,
  isPlatformError,
  type JsonObject,
} from '@morphee/core'
import {
  type Grant,
  grantForUpdate,
  type Manifest,
  meetGrants,
  type PermissionSet,
  resolvePermissions,
  scopesOf,
} from '@morphee/manifest'
import type { AuditLog } from '../audit/index.ts'
import type { Connections } from '../connections/connections.ts'
import { HostError } from '../errors.ts'
import { type CompiledArtifact } from '../extension/compiled-artifact.ts'
import { formatPrincipal, type Principal } from '../invocation/principal.ts'
import type { ExtensionStorage, Store, Transaction } from '../store/index.ts'
import type { Vault } from '../vault/index.ts'
import { secretScope } from '../secrets/extension-secrets.ts'
import type { Consent, Installation, InstallationState, InstalledVersion } from './installation.ts'
import {
  committed,
  dropUnusedArtifacts,
  findInstallation,
  insertInstallation,
  listInstallations,
  listVersions,
  readArtifactBytes,
  readFloor,
  updateInstallation,
  writeArtifact,
  writeVersion,
} from './installation-table.ts'
import { type Configured, credentialsReachFurther } from './credential-reach.ts'
import { assertConsent, consentFor } from './consent-for.ts'
import type {
  InstallationDetails,
  ConsentInput,
  InstallOutcome,
  InstallRequest,
} from './install-request.ts'
import { assertPerson, consentRequired, corrupt, notInstalled } from './installation-errors.ts'
import { assertOrigin, raiseFloor } from './origin.ts'
import { type ActiveVersion, type Proposal, proposeInstallation } from './proposal.ts'

/** What {@link Installations} works with. */
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

/** What was read before a change is decided. */
interface Seen {
  readonly installation: Installation
  readonly consent: Consent | undefined
}

interface Active extends Seen, ActiveVersion {}

/**
 * What is installed where. Each change is one transaction, with its audit record in it: after a crash there is the old
 * state or the new one, never something between.
 */
export class Installations {
  readonly #services: InstallationServices

  constructor(services: InstallationServices) {
    this.#services = services
  }

  /** All installations of a workspace, by name. */
  list(workspace: string): Promise<Installation[]> {
    return listInstallations(committed(this.#services.store), workspace)
  }

  /** One installation with its versions. @throws `ERR_HOST_NOT_INSTALLED` */
  async show(workspace: string, extension: string): Promise<InstallationDetails> {
    const from = committed(this.#services.store)
    const installation = await findInstallation(from, workspace, extension)
    if (installation === undefined) throw notInstalled(extension)
    return { installation, versions: await listVersions(from, installation) }
  }

  /** What installing or updating would mean, without doing it. @throws `ERR_HOST_CONFIG_INVALID` */
  async propose(
    workspace: string,
    artifact: CompiledArtifact,
    config: JsonObject,
  ): Promise<Proposal> {
    const active = await this.#active(workspace, artifact.manifest.name, artifact)
    return proposeInstallation(artifact, { ...active?.config, ...config }, active)
  }

  /**
   * Installs an extension, or updates it to another version.
   *
   * A first installation needs the consent. An update goes through when it can do no more than the active version; a wider or
   * MAJOR one waits (`kind: 'waiting'`) until it is called again with a consent.
   *
   * @throws `ERR_HOST_CONSENT_REQUIRED`, `ERR_HOST_DOWNGRADE`, `ERR_HOST_PUBLISHER_CHANGED`, `ERR_HOST_CONFIG_INVALID`
   */
  async install(request: InstallRequest): Promise<InstallOutcome> {
    const { workspace, artifact, provenance, consent } = request
    const name = artifact.manifest.name
    const active = await this.#active(workspace, name, artifact)
    const proposal = await proposeInstallation(
      artifact,
      { ...active?.config, ...request.config },
      active,
    )
    if (consent !== undefined) assertConsent(proposal, request.principal, consent)
    if (active === undefined && consent === undefined)
      throw consentRequired(name, 'nobody has said yes to what it may do')
    const waits = proposal.needsConsent !== undefined && consent === undefined
    if (waits && artifact.digest === active?.artifact.digest)
      throw consentRequired(name, 'these settings change what it may reach')
    const forget =
      active === undefined
        ? undefined
        : await this.#forgetIfFurther(workspace, active, {
            manifest: artifact.manifest,
            config: proposal.config,
          })

    return this.#services.store.transaction(async (tx) => {
      const before = await findInstallation(tx, workspace, name)
      await this.#assertUnchanged(tx, name, before, active)
      await assertOrigin(tx, request, before)
      const now = this.#services.clock.now()
      const given = waits
        ? undefined
        : consentFor(
            request,
            proposal,
            await this.#activeConsent(tx, before),
            this.#services.clock.now(),
          )
      if (before !== undefined) await dropWaiting(tx, before)
      await writeArtifact(tx, artifact.digest, artifact.bytes)
      const version: InstalledVersion = {
        digest: artifact.digest,
        version: artifact.manifest.version,
        provenance,
        consent: given,
        installedAt: now,
      }

      let kind: InstallOutcome['kind']
      if (before === undefined) {
        const installation = await insertInstallation(tx, {
          workspace,
          extension: name,
          state: 'active',
          activeDigest: artifact.digest,
          pendingDigest: undefined,
          config: proposal.config,
          publisher: provenance.kind === 'signed' ? provenance.publisher : undefined,
          now,
        })
        await writeVersion(tx, installation.id, version)
        kind = 'installed'
      } else if (waits) {
        await writeVersion(tx, before.id, version)
        await updateInstallation(tx, before, { pendingDigest: artifact.digest }, now)
        kind = 'waiting'
      } else {
        kind = artifact.digest === before.activeDigest ? 'unchanged' : 'updated'
        await writeVersion(tx, before.id, version)
        await forget?.(tx)
        await updateInstallation(
          tx,
          before,
          { activeDigest: artifact.digest, pendingDigest: null, config: proposal.config },
          now,
        )
      }
      if (!waits) await raiseFloor(tx, request)
      await this.#record(
        tx,
        request.workspace,
        request.principal,
        name,
        kind === 'waiting' ? 'update.wait' : 'install',
        {
          digest: artifact.digest,
          version: artifact.manifest.version,
          provenance: provenance.kind,
          ...(given === undefined
            ? {}
            : { consent: given.id, authority: given.authorityDigest, surface: given.surface }),
          // What nobody was asked about, a changed text for one, is at least in the record.
          ...(proposal.difference.length === 0
            ? {}
            : {
                changes: proposal.difference.slice(0, 50).map(({ line }) => cleanLine(line, 400)),
              }),
        },
      )
      const installation = (await findInstallation(tx, workspace, name)) as Installation
      return { kind, installation, proposal }
    })
  }

  /** The version below which nothing of `publisher` is installed in this workspace. */
  floor(workspace: string, extension: string, publisher: string): Promise<string | undefined> {
    return readFloor(committed(this.#services.store), workspace, extension, publisher)
  }

  /** Forgets the version that waits; the active one runs on. @throws `ERR_HOST_NOT_INSTALLED` */
  async decline(workspace: string, extension: string, principal: Principal): Promise<void> {
    await this.#change(
      workspace,
      extension,
      principal,
      'update.decline',
      async (tx, installation) => {
        if (installation.pendingDigest === undefined) return {}
        await dropWaiting(tx, installation)
        await updateInstallation(
          tx,
          installation,
          { pendingDigest: null },
          this.#services.clock.now(),
        )
        await dropUnusedArtifacts(tx)
        return { digest: installation.pendingDigest }
      },
    )
  }

  /**
   * Goes back to an earlier version of this installation that a person said yes to, the last one by default.
   *
   * @throws `ERR_HOST_NO_EARLIER_VERSION`, `ERR_HOST_NOT_INSTALLED`
   */
  async rollback(
    workspace: string,
    extension: string,
    principal: Principal,
    version?: string,
  ): Promise<InstalledVersion> {
    assertPerson(extension, principal)
    const { installation: before, versions } = await this.show(workspace, extension)
    const active = versions.find(({ digest }) => digest === before.activeDigest)
    const chosen = versions.find(
      (one) =>
        one.digest !== before.activeDigest &&
        one.consent !== undefined &&
        (version === undefined || one.version === version),
    )
    if (chosen?.consent === undefined) {
      throw new HostError(
        'ERR_HOST_NO_EARLIER_VERSION',
        version === undefined
          ? `Cannot roll "${extension}" back: it has had no other version`
          : `Cannot roll "${extension}" back to ${version.slice(0, 50)}: it has had ${versions.map((one) => one.version).join(', ')}`,
        { extension, version: active?.version ?? '' },
      )
    }
    const { config } = chosen.consent
    const { manifest } = await this.artifact(chosen.digest)
    const consent = await this.#consentToGoBack(before, active?.consent, chosen.consent, manifest)
    const seen = { installation: before, consent: active?.consent }
    const forget = await this.#forgetIfFurther(workspace, seen, { manifest, config })
    await this.#change(workspace, extension, principal, 'rollback', async (tx, installation) => {
      await this.#assertUnchanged(tx, extension, installation, seen)
      const now = this.#services.clock.now()
      await updateInstallation(
        tx,
        installation,
        { activeDigest: chosen.digest, pendingDigest: null, config },
        now,
      )
      await writeVersion(tx, installation.id, { ...chosen, consent })
      await forget?.(tx)
      return { digest: chosen.digest, version: chosen.version, consent: consent.id }
    })
    return { ...chosen, consent }
  }

  // An earlier yes does not bring back what was narrowed or denied since.
  async #consentToGoBack(
    { activeDigest, config }: Installation,
    now: Consent | undefined,
    then: Consent,
    manifest: Manifest,
  ): Promise<Consent> {
    const id = createId('grant')
    if (now === undefined) return { ...then, id }
    const granted = now.grant as unknown as Grant
    let asked: PermissionSet
    try {
      asked = resolvePermissions((await this.artifact(activeDigest)).manifest, config)
    } catch (error) {
      if (!isPlatformError(error, 'ERR_HOST_ARTIFACT_CORRUPT')) throw error
      // Damaged bytes do not tell what was asked for; what was answered is known.
      asked = granted.entries.map(({ permission }) => permission)
    }
    const carried = grantForUpdate(
      granted,
      asked,
      resolvePermissions(manifest, then.config),
      Object.keys(manifest.actions),
    )
    const grant = meetGrants(then.grant as unknown as Grant, carried)
    return { ...then, id, grant: grant as unknown as JsonObject }
  }

  /** What changing settings would mean for what the active version may reach. @throws `ERR_HOST_CONFIG_INVALID`, `ERR_HOST_NOT_INSTALLED` */
  async proposeSettings(
    workspace: string,
    extension: string,
    change: JsonObject,
  ): Promise<Proposal> {
    const active = await this.#active(workspace, extension)
    if (active === undefined) throw notInstalled(extension)
    return proposeInstallation(active.artifact, { ...active.config, ...change }, active)
  }

  /**
   * Changes settings. Those that decide what can happen (a host in a permission) need a new consent.
   *
   * @throws `ERR_HOST_CONSENT_REQUIRED`, `ERR_HOST_CONFIG_INVALID`, `ERR_HOST_NOT_INSTALLED`
   */
  async configure(
    workspace: string,
    extension: string,
    principal: Principal,
    change: JsonObject,
    consent?: ConsentInput,
  ): Promise<InstallOutcome> {
    assertPerson(extension, principal)
    const { installation, versions } = await this.show(workspace, extension)
    const version = versions.find(
      ({ digest }) => digest === installation.activeDigest,
    ) as InstalledVersion
    const artifact = await this.artifact(installation.activeDigest)
    const config = { ...installation.config, ...change }
    const proposal = await proposeInstallation(artifact, config, undefined)
    if (consent !== undefined) assertConsent(proposal, principal, consent)
    const agreed = consent ?? version.consent
    if (agreed?.authorityDigest !== proposal.authorityDigest)
      throw consentRequired(extension, 'these settings change what it may reach')
    const seen = { installation, consent: version.consent }
    // A credential was entered for another host: it is asked for again.
    const forget = await this.#services.connections.prepareForget(workspace, installation.id)
    await this.#change(workspace, extension, principal, 'configure', async (tx, current) => {
      const now = this.#services.clock.now()
      await this.#assertUnchanged(tx, extension, current, seen)
      const previous = await this.#activeConsent(tx, current)
      const request = {
        workspace,
        principal,
        artifact,
        provenance: version.provenance,
        config,
        ...(consent === undefined ? {} : { consent }),
      }
      const given = consentFor(request, proposal, previous, this.#services.clock.now())
      await writeVersion(tx, current.id, { ...version, consent: given })
      await updateInstallation(tx, current, { config: proposal.config }, now)
      if (proposal.authorityDigest !== version.consent?.authorityDigest) await forget(tx)
      return { settings: Object.keys(change), authority: proposal.authorityDigest }
    })
    return {
      kind: 'updated',
      installation: (await this.show(workspace, extension)).installation,
      proposal,
    }
  }

  /**
   * Changes what the active version was granted: narrower, other answers, another expiry.
   *
   * @throws `ERR_HOST_GRANT_INVALID`, `ERR_HOST_CONSENT_REQUIRED` when it is for another authority, `ERR_HOST_NOT_INSTALLED`
   */
  async grant(
    workspace: string,
    extension: string,
    principal: Principal,
    consent: ConsentInput,
  ): Promise<Consent> {
    const active = await this.#active(workspace, extension)
    if (active === undefined) throw notInstalled(extension)
    const { installation, artifact, config } = active
    const proposal = await proposeInstallation(artifact, config, active)
    assertConsent(proposal, principal, consent)
    const { versions } = await this.show(workspace, extension)
    const version = versions.find(
      ({ digest }) => digest === installation.activeDigest,
    ) as InstalledVersion
    const given = consentFor(
      { workspace, principal, artifact, provenance: version.provenance, config, consent },
      proposal,
      undefined,
      this.#services.clock.now(),
    )
    await this.#change(workspace, extension, principal, 'grant', async (tx, current) => {
      await this.#assertUnchanged(tx, extension, current, active)
      await writeVersion(tx, current.id, { ...version, consent: given })
      return {
        consent: given.id,
        before: active.consent?.id ?? null,
        authority: given.authorityDigest,
        surface: given.surface,
        answers: summaryOf(consent.grant),
      }
    })
    return given
  }

  /** Switches an installation on or off. @throws `ERR_HOST_NOT_INSTALLED` */
  async setState(
    workspace: string,
    extension: string,
    principal: Principal,
    state: InstallationState,
  ): Promise<void> {
    // The host itself stops what crashes; to let it run again is a person's.
    if (state === 'active') assertPerson(extension, principal)
    await this.#change(
      workspace,
      extension,
      principal,
      `state.${state}`,
      async (tx, installation) => {
        await updateInstallation(tx, installation, { state }, this.#services.clock.now())
        return {}
      },
    )
  }

  /**
   * Removes an installation with its credentials, and with its stored data unless that is to be kept.
   *
   * The version floor stays: an older version cannot be slipped in by removing first.
   *
   * @throws `ERR_HOST_NOT_INSTALLED`
   */
  async remove(
    workspace: string,
    extension: string,
    principal: Principal,
    options: { readonly keepData: boolean },
  ): Promise<void> {
    const { installation: before } = await this.show(workspace, extension)
    const forget = await this.#services.connections.prepareForget(workspace, before.id)
    const forgetSecrets = await this.#services.vault.prepareClear(secretScope(before))
    await this.#change(workspace, extension, principal, 'remove', async (tx, installation) => {
      await forget(tx)
      await forgetSecrets(tx)
      if (!options.keepData) await this.#services.storage.clearIn(tx, { workspace, extension })
      await tx.run('DELETE FROM standing_approval WHERE installation = ?', [installation.id])
      await tx.run('DELETE FROM installed_version WHERE installation = ?', [installation.id])
      await tx.run('DELETE FROM installation WHERE id = ?', [installation.id])
      await dropUnusedArtifacts(tx)
      return { dataKept: options.keepData }
    })
  }

  /** Compiled artifact by digest; the stored bytes are hashed again. @throws `ERR_HOST_ARTIFACT_CORRUPT` */
  async artifact(digest: Digest): Promise<CompiledArtifact> {
    const bytes = await readArtifactBytes(committed(this.#services.store), digest)
    if (bytes === undefined) throw corrupt(digest)
    // Before anything looks inside: bytes that nobody verified are not even decoded.
    if ((await digestOf(bytes)) !== digest) throw corrupt(digest)
    return this.#services.compile(bytes)
  }

  /** The active version with what was said yes to; `known` stands in for its stored bytes, which may need mending. */
  async #active(
    workspace: string,
    extension: string,
    known?: CompiledArtifact,
  ): Promise<Active | undefined> {
    const from = committed(this.#services.store)
    const installation = await findInstallation(from, workspace, extension)
    if (installation === undefined) return undefined
    const versions = await listVersions(from, installation)
    const consent = versions.find(({ digest }) => digest === installation.activeDigest)?.consent
    if (consent === undefined) return undefined
    const { activeDigest, config } = installation
    return {
      installation,
      consent,
      artifact: known?.digest === activeDigest ? known : await this.artifact(activeDigest),
      config,
      authorityDigest: consent.authorityDigest,
    }
  }

  // What was decided was decided about `seen`; another process may have changed it meanwhile. Every change of version or
  // settings comes with a consent of its own, so its id is enough.
  async #assertUnchanged(
    tx: Transaction,
    extension: string,
    current: Installation | undefined,
    seen: Seen | undefined,
  ): Promise<void> {
    const consent = await this.#activeConsent(tx, current)
    if (
      current?.id === seen?.installation.id &&
      current?.activeDigest === seen?.installation.activeDigest &&
      consent?.id === seen?.consent?.id
    )
      return
    throw consentRequired(extension, 'another change got in between')
  }

  /** The step that forgets the credentials, where they could go further than they were entered for. */
  async #forgetIfFurther(
    workspace: string,
    { installation }: Seen,
    after: Configured,
  ): Promise<((tx: Transaction) => Promise<void>) | undefined> {
    const { activeDigest, config, id } = installation
    if (!(await this.#reachFurther(activeDigest, config, after))) return undefined
    return this.#services.connections.prepareForget(workspace, id)
  }

  async #reachFurther(digest: Digest, config: JsonObject, after: Configured): Promise<boolean> {
    try {
      const { manifest } = await this.artifact(digest)
      return credentialsReachFurther({ manifest, config }, after)
    } catch (error) {
      // Damaged bytes do not tell what it was entered for.
      if (isPlatformError(error, 'ERR_HOST_ARTIFACT_CORRUPT')) return true
      throw error
    }
  }

  async #activeConsent(
    tx: Transaction,
    installation: Installation | undefined,
  ): Promise<Consent | undefined> {
    if (installation === undefined) return undefined
    const versions = await listVersions(tx, installation)
    return versions.find(({ digest }) => digest === installation.activeDigest)?.consent
  }

  async #change(
    workspace: string,
    extension: string,
    principal: Principal,
    capability: string,
    work: (tx: Transaction, installation: Installation) => Promise<JsonObject>,
  ): Promise<void> {
    await this.#services.store.transaction(async (tx) => {
      const installation = await findInstallation(tx, workspace, extension)
      if (installation === undefined) throw notInstalled(extension)
      const details = await work(tx, installation)
      await this.#record(tx, workspace, principal, extension, capability, details)
    })
  }

  async #record(
    tx: Transaction,
    workspace: string,
    principal: Principal,
    extension: string,
    capability: string,
    details: JsonObject,
  ): Promise<void> {
    await this.#services.audit.eventIn(tx, {
      workspace,
      principal: formatPrincipal(principal),
      extension,
      capability,
      decision: 'done',
      details,
    })
  }
}

/** Forgets a version that waits for a yes. */
async function dropWaiting(tx: Transaction, { id, pendingDigest }: Installation): Promise<void> {
  if (pendingDigest === undefined) return
  await tx.run(
    'DELETE FROM installed_version WHERE installation = ? AND digest = ? AND consent IS NULL',
    [id, pendingDigest],
  )
  await dropUnusedArtifacts(tx)
}

// A record has a size, and a grant may have more lines than it holds; the whole of it is with the version.
function summaryOf({ entries, actions = {} }: Grant): string[] {
  const answers = entries.map(({ permission, answer, expiresAt }) =>
    [
      answer,
      permission.kind,
      ...scopesOf(permission),
      ...(expiresAt === undefined ? [] : [`until ${new Date(expiresAt).toISOString()}`]),
    ].join(' '),
  )
  const named = Object.entries(actions).map(([name, answer]) => `${answer} action ${name}`)
  return [...answers, ...named].slice(0, 50).map((line) => cleanLine(line, 400))
}
