import type { Digest } from '@morphee/core'

/**
 * Content by digest. What it holds is never trusted: every read hashes the bytes again.
 *
 * Losing an entry costs a download and nothing else.
 */
export interface ArtifactCache {
  /** The bytes of `digest` in a buffer of their own, or `undefined`. A damaged entry is removed, reported and not returned. */
  get(digest: Digest): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Keeps bytes and returns their digest. After it returns they survive a crash, where the cache survives anything. */
  put(bytes: Uint8Array<ArrayBuffer>): Promise<Digest>
  /** Forgets an entry; nothing happens when there is none. */
  remove(digest: Digest): Promise<void>
  /** What it holds: how many entries, and how many bytes they take. */
  usage(): Promise<CacheUsage>
}

/** How full a cache is. */
export interface CacheUsage {
  readonly entries: number
  readonly bytes: number
}

/** What every cache may be given. */
export interface CacheOptions {
  /** Most bytes it keeps; the entry that was used least recently goes first. @default 1 GiB */
  readonly maxBytes?: number
  /** Told when an entry's bytes are not its digest's any more. */
  readonly onDamaged?: (digest: Digest) => void
}

/** @see CacheOptions.maxBytes */
export const DEFAULT_CACHE_BYTES: number = 1024 * 1024 * 1024
