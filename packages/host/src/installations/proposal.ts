import type { Digest, JsonObject } from '@morphee/core'
import {
  type AuthorityChange,
  authorityDigest,
  authorityOf,
  differenceOfAuthority,
  type Manifest,
  type PermissionSet,
} from '@morphee/manifest'
import semver from 'semver'
import { checkConfig } from '../extension/check-config.ts'
import type { CompiledArtifact } from '../extension/compiled-artifact.ts'

/** Why a person has to say yes first. */
export type ConsentReason = 'new' | 'wider' | 'major'

/** What would be installed, and what a person has to know before saying yes. */
export interface Proposal {
  readonly manifest: Manifest
  readonly digest: Digest
  /** Settings with the manifest's defaults filled in, as validated. */
  readonly config: JsonObject
  /** What it asks for, with settings filled in. */
  readonly permissions: PermissionSet
  /** Over everything that decides what can happen. A consent names it, so a yes is to exactly this. */
  readonly authorityDigest: Digest
  /** What the new version can do or says that the active one could or did not; nothing for a first installation. */
  readonly difference: readonly AuthorityChange[]
  /** Absent when the active version's consent covers it. */
  readonly needsConsent: ConsentReason | undefined
}

/** The version that runs now, for {@link proposeInstallation}. */
export interface ActiveVersion {
  readonly artifact: CompiledArtifact
  readonly config: JsonObject
  readonly authorityDigest: Digest
}

/**
 * Works out what installing `artifact` with `config` would mean.
 *
 * @throws `ERR_HOST_CONFIG_INVALID`
 */
export async function proposeInstallation(
  artifact: CompiledArtifact,
  config: JsonObject,
  active: ActiveVersion | undefined,
): Promise<Proposal> {
  const { manifest, digest, assets } = artifact
  const checked = checkConfig(artifact, config)
  const authority = authorityOf(manifest, { config: checked, assets })
  const ownDigest = await authorityDigest(authority)
  const difference =
    active === undefined
      ? []
      : differenceOfAuthority(
          authorityOf(active.artifact.manifest, {
            config: active.config,
            assets: active.artifact.assets,
          }),
          authority,
        )
  return {
    manifest,
    digest,
    config: checked,
    permissions: authority.powers.permissions,
    authorityDigest: ownDigest,
    difference,
    needsConsent: consentReason(active, manifest, ownDigest, difference),
  }
}

function consentReason(
  active: ActiveVersion | undefined,
  manifest: Manifest,
  digest: Digest,
  difference: readonly AuthorityChange[],
): ConsentReason | undefined {
  if (active === undefined) return 'new'
  if (semver.major(manifest.version) !== semver.major(active.artifact.manifest.version))
    return 'major'
  if (digest === active.authorityDigest) return undefined
  return difference.some(({ wider }) => wider) ? 'wider' : undefined
}
