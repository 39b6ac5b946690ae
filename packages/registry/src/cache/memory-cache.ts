import { digestOf, type Digest } from '@morphee/core'
import { type ArtifactCache, type CacheOptions, DEFAULT_CACHE_BYTES } from './cache.ts'

/** A cache that ends with its process, for tests, browsers and the demo. */
export function createMemoryCache(options: CacheOptions = {}): ArtifactCache {
  const maxBytes = options.maxBytes ?? DEFAULT_CACHE_BYTES
  // A map keeps the order of insertion; reading inserts anew, so the first entry is the one used least recently.
  const entries = new Map<Digest, Uint8Array<ArrayBuffer>>()
  const total = (): number => entries.values().reduce((sum, bytes) => sum + bytes.length, 0)
  return {
    async get(digest) {
      const bytes = entries.get(digest)?.slice()
      if (bytes === undefined) return undefined
      if ((await digestOf(bytes)) !== digest) {
        entries.delete(digest)
        options.onDamaged?.(digest)
        return undefined
      }
      entries.delete(digest)
      entries.set(digest, bytes)
      return bytes.slice()
    },
    async put(bytes) {
      const kept = bytes.slice()
      const digest = await digestOf(kept)
      if (kept.length > maxBytes) return digest
      entries.delete(digest)
      entries.set(digest, kept)
      for (const oldest of entries.keys()) {
        if (total() <= maxBytes) break
        entries.delete(oldest)
      }
      return digest
    },
    remove: (digest) => {
      entries.delete(digest)
      return Promise.resolve()
    },
    usage: () => Promise.resolve({ entries: entries.size, bytes: total() }),
  }
}
