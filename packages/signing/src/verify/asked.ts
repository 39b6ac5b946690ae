import type { Digest } from '@morphee/core'
import type { EmbeddedManifest } from './embedded.ts'
import { refuse, refuseBytes } from './refuse.ts'
import { isOlder } from './version.ts'

/** What somebody asked for; what is left out was not asked. */
export interface AskedFor {
  readonly name?: string
  /** One exact version. */
  readonly version?: string
  /** Of the OCI manifest, or of the file for a blob. */
  readonly digest?: Digest
}

/** Refuses what was not asked for: a signature binds no tag and no repository, so a registry may serve any artifact the publisher ever signed. */
export function verifyAsked(embedded: EmbeddedManifest, digest: Digest, asked: AskedFor): void {
  if (asked.digest !== undefined && asked.digest !== digest) {
    throw refuseBytes('asked', asked.digest, digest)
  }
  if (asked.name !== undefined && asked.name !== embedded.name) {
    throw refuse(
      'asked',
      'ERR_SIGNING_NAME_MISMATCH',
      'This is another extension than the one asked for',
    )
  }
  if (asked.version !== undefined && asked.version !== embedded.version) {
    throw refuse(
      'asked',
      'ERR_SIGNING_VERSION_MISMATCH',
      'This is another version than the one asked for',
    )
  }
}

/** Refuses what is older than the floor, and what cannot be compared with it. */
export function verifyFloor(version: string, floor: string | undefined): void {
  if (floor !== undefined && isOlder(version, floor) !== false) {
    throw refuse(
      'version',
      'ERR_SIGNING_ROLLBACK',
      'This version is older than what is, or was, installed',
    )
  }
}
