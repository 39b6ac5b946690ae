import type { Digest, JsonObject } from '@morphee/core'
import type { CompiledArtifact } from '../extension/compiled-artifact.ts'
import type { Principal } from '../invocation/principal.ts'
import { findActive } from './active-version.ts'
import { changeGrant } from './change-grant.ts'
import { changeInstallation } from './change-installation.ts'
import { configure } from './configure.ts'
import { install } from './install.ts'
import type {
  ConsentInput,
  InstallationDetails,
  InstallOutcome,
  InstallRequest,
} from './install-request.ts'
import type { Consent, Installation, InstallationState, InstalledVersion } from './installation.ts'
import { assertPerson, notInstalled } from './installation-errors.ts'
import type { InstallationServices } from './installation-services.ts'
import {
  committed,
  listInstallations,
  readFloor,
  updateInstallation,
} from './installation-table.ts'
import { readInstalledArtifact } from './installed-artifact.ts'
import { type Proposal, proposeInstallation } from './proposal.ts'
import { readInstallation } from './read-installation.ts'
import { removeInstallation, type RemoveOptions } from './remove.ts'
import { rollBack } from './roll-back.ts'
import { declineWaiting } from './waiting-version.ts'

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
  show(workspace: string, extension: string): Promise<InstallationDetails> {
    return readInstallation(this.#services, workspace, extension)
  }

  /** What installing or updating would mean, without doing it. @throws `ERR_HOST_CONFIG_INVALID` */
  async propose(
    workspace: string,
    artifact: CompiledArtifact,
    config: JsonObject,
  ): Promise<Proposal> {
    const active = await findActive(this.#services, workspace, artifact.manifest.name, artifact)
    return proposeInstallation(artifact, { ...active?.config, ...config }, active)
  }

  /** See {@link install}. */
  install(request: InstallRequest): Promise<InstallOutcome> {
    return install(this.#services, request)
  }

  /** The version below which nothing of `publisher` is installed in this workspace. */
  floor(workspace: string, extension: string, publisher: string): Promise<string | undefined> {
    return readFloor(committed(this.#services.store), workspace, extension, publisher)
  }

  /** Forgets the version that waits; the active one runs on. @throws `ERR_HOST_NOT_INSTALLED` */
  decline(workspace: string, extension: string, principal: Principal): Promise<void> {
    return declineWaiting(this.#services, workspace, extension, principal)
  }

  /**
   * Goes back to an earlier version of this installation that a person said yes to, the last one by default.
   *
   * @throws `ERR_HOST_NO_EARLIER_VERSION`, `ERR_HOST_NOT_INSTALLED`, `ERR_HOST_CONSENT_REQUIRED`
   */
  rollback(
    workspace: string,
    extension: string,
    principal: Principal,
    version?: string,
  ): Promise<InstalledVersion> {
    return rollBack(this.#services, workspace, extension, principal, version)
  }

  /** What changing settings would mean for what the active version may reach. @throws `ERR_HOST_CONFIG_INVALID`, `ERR_HOST_NOT_INSTALLED` */
  async proposeSettings(
    workspace: string,
    extension: string,
    change: JsonObject,
  ): Promise<Proposal> {
    const active = await findActive(this.#services, workspace, extension)
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
    const proposal = await configure(
      this.#services,
      workspace,
      extension,
      principal,
      change,
      consent,
    )
    const { installation } = await this.show(workspace, extension)
    return { kind: 'updated', installation, proposal }
  }

  /**
   * Changes what the active version was granted: narrower, other answers, another expiry.
   *
   * @throws `ERR_HOST_GRANT_INVALID`, `ERR_HOST_CONSENT_REQUIRED` when it is for another authority, `ERR_HOST_NOT_INSTALLED`
   */
  grant(
    workspace: string,
    extension: string,
    principal: Principal,
    consent: ConsentInput,
  ): Promise<Consent> {
    return changeGrant(this.#services, workspace, extension, principal, consent)
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
    const change = { workspace, extension, principal, capability: `state.${state}` }
    await changeInstallation(this.#services, change, async (tx, installation) => {
      await updateInstallation(tx, installation, { state }, this.#services.clock.now())
      return {}
    })
  }

  /**
   * Removes an installation with its credentials, and with its stored data unless that is to be kept.
   *
   * The version floor stays: an older version cannot be slipped in by removing first.
   *
   * @throws `ERR_HOST_NOT_INSTALLED`
   */
  remove(
    workspace: string,
    extension: string,
    principal: Principal,
    options: RemoveOptions,
  ): Promise<void> {
    return removeInstallation(this.#services, workspace, extension, principal, options)
  }

  /** Compiled artifact by digest; the stored bytes are hashed again. @throws `ERR_HOST_ARTIFACT_CORRUPT` */
  artifact(digest: Digest): Promise<CompiledArtifact> {
    return readInstalledArtifact(this.#services, digest)
  }
}
