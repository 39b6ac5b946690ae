import type { Digest, Id, JsonObject } from '@morphee/core'

/**
 * Where an installation stands.
 *
 * `active` runs. `disabled` was switched off by a person, `quarantined` by the host after repeated crashes. An update that
 * waits for a yes does not change the state: the old version runs on (`pendingDigest`).
 */
export type InstallationState = 'active' | 'disabled' | 'quarantined'

/** How the bytes came here and who vouches for them. */
export type Provenance =
  | { readonly kind: 'unsigned' }
  | {
      readonly kind: 'signed'
      /** The reference or file that was asked for. */
      readonly source: string
      /** Digest of the OCI manifest that the signature covers; absent for a signed file. */
      readonly manifestDigest?: Digest
      readonly publisher: string
      readonly keyId: string
      readonly verifiedAt: number
    }

/** What a person said yes to, kept with the version it was said for. */
export interface Consent {
  readonly id: Id<'grant'>
  /** Over everything that decides what can happen; another digest is another question. */
  readonly authorityDigest: Digest
  /** The grant in the manifest package's form. */
  readonly grant: JsonObject
  /** Settings the grant was resolved with. */
  readonly config: JsonObject
  readonly givenBy: string
  /** How it was given, such as `terminal` or `--yes`. */
  readonly surface: string
  readonly givenAt: number
}

/** An extension in a workspace. */
export interface Installation {
  readonly id: Id<'installation'>
  readonly workspace: string
  /** `publisher/name`. */
  readonly extension: string
  readonly state: InstallationState
  readonly activeDigest: Digest
  /** A version that waits for a yes. */
  readonly pendingDigest: Digest | undefined
  readonly config: JsonObject
  /** Publisher of the signed versions; `undefined` for unsigned ones. */
  readonly publisher: string | undefined
  readonly createdAt: number
  readonly updatedAt: number
}

/** One version that an installation has, had, or waits to have. */
export interface InstalledVersion {
  readonly digest: Digest
  readonly version: string
  readonly provenance: Provenance
  /** `undefined` while it waits. */
  readonly consent: Consent | undefined
  readonly installedAt: number
}
