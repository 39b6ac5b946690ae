import { type Digest, digestOf } from '@morphee/core'
import type { Policy } from '@morphee/manifest'
import type { PolicySource } from '../policy/policy-source.ts'
import { type CompiledArtifact, compileArtifact } from './compiled-artifact.ts'

interface Entry {
  /** Its ceilings are part of what was compiled. */
  readonly policy: Policy
  readonly compiling: Promise<CompiledArtifact>
}

/** Most artifacts kept compiled. */
const MAX_COMPILED = 64

/** Compiles artifacts, and keeps the last ones compiled under the digest of their bytes. */
export class ArtifactCache {
  readonly #policy: PolicySource
  readonly #development: boolean
  readonly #entries = new Map<string, Entry>()

  constructor(policy: PolicySource, development: boolean) {
    this.#policy = policy
    this.#development = development
  }

  /** Reads, checks and compiles an artifact, without running any of it. @throws `ERR_HOST_CONTRACT` */
  async compile(source: Uint8Array): Promise<CompiledArtifact> {
    // A private copy: the bytes that are hashed are the bytes that are compiled, whoever holds the array.
    const bytes = new Uint8Array(source)
    const digest = await digestOf(bytes)
    const policy = this.#policy.current()
    const known = this.#entries.get(digest)
    if (known?.policy === policy) return known.compiling
    const compiling = compileArtifact(bytes, digest, { policy, development: this.#development })
    const entry = { policy, compiling }
    this.#entries.set(digest, entry)
    if (this.#entries.size > MAX_COMPILED)
      this.#entries.delete(this.#entries.keys().next().value as string)
    compiling.catch(() => {
      if (this.#entries.get(digest) === entry) this.#entries.delete(digest)
    })
    return compiling
  }

  /** Drops what is kept compiled of this code. */
  forget(digest: Digest): void {
    this.#entries.delete(digest)
  }
}
