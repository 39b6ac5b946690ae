import { digestOf } from '@morphee/core'
import { findKey } from '../trust/publishers.ts'
import type { Trust } from '../trust/trust.ts'
import { publisherOf } from './embedded.ts'
import { assertFresh, LOAD_WINDOW_MS } from './freshness.ts'
import { refuse, refuseBytes } from './refuse.ts'
import type { Verified } from './verified.ts'

/** What is checked when something that is installed is loaded. */
export interface Recheck {
  /** The bytes from the cache: the same private buffer that is compiled afterwards. */
  readonly wasm: Uint8Array<ArrayBuffer>
  /** From the installation's record. */
  readonly installed: Pick<Verified, 'publisher' | 'keyId' | 'name' | 'wasmDigest'>
  readonly trust: Trust
  /** Milliseconds since 1970. */
  readonly now: number
  /** How long a stale list of publishers still serves. @default 7 days */
  readonly windowMs?: number
}

/**
 * Proves again, at a load, what may have changed since the install: the bytes are the same, and the key still belongs to the publisher and is not revoked.
 *
 * Certificate and signature times are not looked at: an expired certificate stops installs, not loads. A list of publishers that went stale serves
 * for its window.
 *
 * @throws {@link SigningError} `ERR_SIGNING_INTEGRITY`, `ERR_SIGNING_STALE_TRUST`, `ERR_SIGNING_PUBLISHER`, `ERR_SIGNING_REVOKED`
 */
export async function recheck({
  wasm,
  installed,
  trust,
  now,
  windowMs = LOAD_WINDOW_MS,
}: Recheck): Promise<void> {
  recheckKey({ installed, trust, now, windowMs })
  const actual = await digestOf(wasm)
  if (actual !== installed.wasmDigest) throw refuseBytes('bytes', installed.wasmDigest, actual)
}

/**
 * {@link recheck} without the bytes: whether what runs may go on running. Cheap enough for every change of the trust data.
 *
 * @throws {@link SigningError} `ERR_SIGNING_STALE_TRUST`, `ERR_SIGNING_PUBLISHER`, `ERR_SIGNING_REVOKED`
 */
export function recheckKey({
  installed,
  trust,
  now,
  windowMs = LOAD_WINDOW_MS,
}: Omit<Recheck, 'wasm'>): void {
  assertFresh(trust.publishers, now, windowMs, 'publisher')
  const found = findKey(trust.publishers, installed.keyId)
  const isSame =
    found?.publisher.id === installed.publisher &&
    publisherOf(installed.name) === installed.publisher
  if (found === undefined || !isSame) {
    throw refuse(
      'publisher',
      'ERR_SIGNING_PUBLISHER',
      'The key it was signed with no longer belongs to its publisher',
    )
  }
  if (found.key.status === 'revoked') {
    throw refuse('revocation', 'ERR_SIGNING_REVOKED', 'The key it was signed with was revoked')
  }
}
