import { cleanLine, type Digest, isPlatformError } from '@morphee/core'
import { readArtifact } from '@morphee/manifest'
import {
  type AskedFor,
  recheckKey,
  type TrustSource,
  verifyArtifact,
  verifyBlob,
  type Verified,
} from '@morphee/signing'
import { HostError } from './errors.ts'
import type { CompiledArtifact } from './extension/compiled-artifact.ts'
import { Host } from './host.ts'
import type { HostParts } from './host-parts.ts'
import type { Candidate } from './installations/candidate.ts'
import type { InstalledVersion } from './installations/installation.ts'
import { formatPrincipal, type Principal } from './invocation/principal.ts'

/** An artifact as it came from a registry; `UnverifiedArtifact` of the registry package fits. */
export interface RegistryArtifact {
  readonly manifestBytes: Uint8Array<ArrayBuffer>
  readonly digest: Digest
  readonly envelopes: readonly Uint8Array[]
  readonly wasm: Uint8Array<ArrayBuffer>
  /** `host/repository`. */
  readonly scope: string
}

/** A file with the signature envelopes that lie beside it. */
export interface SignedFile {
  readonly wasm: Uint8Array<ArrayBuffer>
  readonly envelopes: readonly Uint8Array[]
}

/** What was asked for, and where it is to be installed. */
export interface AdmitOptions {
  readonly workspace: string
  readonly asked: AskedFor
  /** The reference or file name, for the record. */
  readonly source: string
  /** Who asks; a refusal is recorded too. */
  readonly principal: Principal
}

/** A verified candidate, with what was proven. */
export interface VerifiedCandidate {
  readonly candidate: Candidate
  readonly verified: Verified
}

/** Parts of a host, and whom it trusts. */
export interface SignedHostParts extends Omit<HostParts, 'recheck' | 'development'> {
  readonly trust: TrustSource
}

/**
 * The host for real use: it admits only what a trusted publisher signed, and looks the key up again at every load.
 *
 * There is no switch that makes it take unsigned code.
 */
export class SignedHost extends Host {
  readonly #trust: TrustSource
  readonly #now: () => number

  constructor(parts: SignedHostParts) {
    const { trust, ...rest } = parts
    const recheck = async (
      version: InstalledVersion,
      artifact: CompiledArtifact,
    ): Promise<void> => {
      const { provenance } = version
      const { name } = artifact.manifest
      if (provenance.kind !== 'signed') {
        throw new HostError('ERR_HOST_UNSIGNED', `Cannot run "${name}": it is unsigned`, {
          extension: name,
        })
      }
      // That the bytes are those of the installation was proven when they were read: their digest names them.
      const installed = {
        publisher: provenance.publisher,
        keyId: provenance.keyId,
        name,
        wasmDigest: artifact.digest,
      }
      recheckKey({ installed, trust: await trust.read(), now: parts.clock.now() })
    }
    super({ ...rest, recheck })
    this.#trust = trust
    this.#now = () => parts.clock.now()
  }

  /**
   * Verifies an artifact from a registry, step by step.
   *
   * @throws `ERR_SIGNING_*` with the step in its details, `ERR_HOST_CONTRACT`
   */
  async admitArtifact(
    artifact: RegistryArtifact,
    options: AdmitOptions,
  ): Promise<VerifiedCandidate> {
    const { manifestBytes, digest, envelopes, scope, wasm } = artifact
    return this.#recorded(options, async () => {
      const context = await this.#context(wasm, options)
      return this.#admitted(
        wasm,
        options,
        await verifyArtifact({ ...context, manifestBytes, digest, envelopes, scope }),
      )
    })
  }

  /**
   * Verifies a file by the signature beside it.
   *
   * @throws `ERR_SIGNING_*` with the step in its details, `ERR_HOST_CONTRACT`
   */
  async admitFile(file: SignedFile, options: AdmitOptions): Promise<VerifiedCandidate> {
    return this.#recorded(options, async () => {
      const context = await this.#context(file.wasm, options)
      return this.#admitted(
        file.wasm,
        options,
        await verifyBlob({ ...context, envelopes: file.envelopes }),
      )
    })
  }

  async #recorded(
    options: AdmitOptions,
    verify: () => Promise<VerifiedCandidate>,
  ): Promise<VerifiedCandidate> {
    try {
      return await verify()
    } catch (error) {
      const details = isPlatformError(error) ? (error.details as { readonly step?: string }) : {}
      await this.audit.event({
        workspace: options.workspace,
        principal: formatPrincipal(options.principal),
        capability: 'install',
        target: cleanLine(options.source, 200),
        decision: 'refused',
        refusedBy: isPlatformError(error, 'ERR_HOST_POLICY') ? 'policy' : 'verification',
        details: {
          error: isPlatformError(error) ? error.code : 'ERR_INTERNAL',
          ...(details?.step === undefined ? {} : { step: details.step }),
        },
      })
      throw error
    }
  }

  async #context(
    wasm: Uint8Array<ArrayBuffer>,
    { workspace, asked }: AdmitOptions,
  ): Promise<Parameters<typeof verifyBlob>[0]> {
    const installedFloor =
      asked.name === undefined ? undefined : await this.#floorOf(workspace, asked.name)
    return {
      wasm,
      envelopes: [],
      readManifest: (bytes) => {
        const { manifest } = readArtifact(bytes)
        return { name: manifest.name, version: manifest.version }
      },
      asked,
      ...(installedFloor === undefined ? {} : { installedFloor }),
      trust: await this.#trust.read(),
      now: this.#now(),
    }
  }

  #floorOf(workspace: string, name: string): Promise<string | undefined> {
    return this.floor(workspace, name, name.split('/')[0] ?? '')
  }

  async #admitted(
    wasm: Uint8Array,
    { source }: AdmitOptions,
    verified: Verified,
  ): Promise<VerifiedCandidate> {
    const artifact = await this.compile(wasm)
    const { publisher, keyId, manifestDigest } = verified
    const candidate = this.admit(artifact, {
      kind: 'signed',
      source,
      ...(manifestDigest === undefined ? {} : { manifestDigest }),
      publisher,
      keyId,
      verifiedAt: this.#now(),
    })
    return { candidate, verified }
  }
}
