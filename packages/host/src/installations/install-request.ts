import type { Digest, JsonObject } from '@morphee/core'
import type { Grant } from '@morphee/manifest'
import type { CompiledArtifact } from '../extension/compiled-artifact.ts'
import type { Principal } from '../invocation/principal.ts'
import type { Installation, InstalledVersion, Provenance } from './installation.ts'
import type { Proposal } from './proposal.ts'

/** A person's yes: to exactly the authority that its digest names. */
export interface ConsentInput {
  readonly authorityDigest: Digest
  readonly grant: Grant
  /** How it was given, such as `terminal` or `--yes`. */
  readonly surface: string
}

/** One installation with its history. */
export interface InstallationDetails {
  readonly installation: Installation
  /** The newest first. */
  readonly versions: readonly InstalledVersion[]
}

/** What an installation or update led to. */
export interface InstallOutcome {
  /** `installed`, `updated`, `unchanged`, or `waiting` for a yes while the old version runs on. */
  readonly kind: 'installed' | 'updated' | 'unchanged' | 'waiting'
  readonly installation: Installation
  readonly proposal: Proposal
}

/** What is to be installed, where, and who acts. */
export interface InstallRequest {
  readonly workspace: string
  readonly principal: Principal
  readonly artifact: CompiledArtifact
  readonly provenance: Provenance
  readonly config: JsonObject
  readonly consent?: ConsentInput
}
