import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { digestOf, type Digest } from '@morphee/core'
import type { ArtifactCache, CacheOptions } from '../cache/cache.ts'
import { DEFAULT_CACHE_BYTES } from '../cache/cache.ts'

const ENTRY = /^[0-9a-f]{64}$/
// A file that is being written is touched all the time; one this old was left by a process that is gone.
const ABANDONED_MS = 60 * 60 * 1000

/**
 * A cache in a directory of its own: `sha256/<hex>`, readable by its owner only. Several processes may use it at once.
 *
 * An entry appears by a rename after it was synced, so a process killed at any moment leaves it whole or absent. Entries are
 * opened without following links, and what is read is hashed in the buffer that is returned.
 */
export async function createDirectoryCache(
  directory: string,
  options: CacheOptions = {},
): Promise<ArtifactCache> {
  const maxBytes = options.maxBytes ?? DEFAULT_CACHE_BYTES
  const entries = join(directory, 'sha256')
  const pending = join(directory, 'pending')
  for (const path of [directory, entries, pending])
    await mkdir(path, { recursive: true, mode: 0o700 })
  await removeAbandoned(pending)
  const pathOf = (digest: Digest): string => join(entries, digest.slice('sha256:'.length))

  return {
    async get(digest) {
      const path = pathOf(digest)
      const bytes = await readEntry(path, maxBytes)
      if (bytes === undefined) return undefined
      if (bytes === 'damaged' || (await digestOf(bytes)) !== digest) {
        await rm(path, { force: true, recursive: true })
        options.onDamaged?.(digest)
        return undefined
      }
      const now = new Date()
      // Only for the order of eviction: another process may have evicted it meanwhile.
      await utimes(path, now, now).catch(() => undefined)
      return bytes
    },
    async put(bytes) {
      const kept = bytes.slice()
      const digest = await digestOf(kept)
      if (kept.length > maxBytes) return digest
      await writeDurably(join(pending, randomUUID()), pathOf(digest), entries, kept)
      await evict(entries, maxBytes)
      return digest
    },
    remove: (digest) => rm(pathOf(digest), { force: true, recursive: true }),
    async usage() {
      const listed = await listEntries(entries)
      return { entries: listed.length, bytes: listed.reduce((sum, { size }) => sum + size, 0) }
    },
  }
}

async function readEntry(
  path: string,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | 'damaged' | undefined> {
  let file
  try {
    // NONBLOCK: a pipe put in the entry's place must not make the reader wait for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    if (codeOf(error) === 'ELOOP') return 'damaged'
    throw error
  }
  try {
    const info = await file.stat()
    if (!info.isFile() || info.size > maxBytes) return 'damaged'
    const bytes = new Uint8Array(info.size)
    let at = 0
    while (at < bytes.length) {
      const { bytesRead } = await file.read(bytes, at, bytes.length - at, at)
      if (bytesRead === 0) return 'damaged'
      at += bytesRead
    }
    return bytes
  } finally {
    await file.close()
  }
}

async function writeDurably(
  temporary: string,
  path: string,
  directory: string,
  bytes: Uint8Array,
): Promise<void> {
  const file = await open(temporary, 'wx', 0o600)
  try {
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncDirectory(directory)
}

async function syncDirectory(path: string): Promise<void> {
  // Windows has no handle for a directory; there the rename itself is what there is.
  if (process.platform === 'win32') return
  const handle = await open(path, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

interface Entry {
  readonly path: string
  readonly size: number
  readonly usedMs: number
}

async function listEntries(directory: string): Promise<Entry[]> {
  const listed: Entry[] = []
  for (const name of await readdir(directory)) {
    if (!ENTRY.test(name)) continue
    const path = join(directory, name)
    const info = await stat(path).catch(() => undefined)
    if (info !== undefined) listed.push({ path, size: info.size, usedMs: info.mtimeMs })
  }
  return listed
}

async function evict(directory: string, maxBytes: number): Promise<void> {
  const listed = (await listEntries(directory)).sort((a, b) => a.usedMs - b.usedMs)
  let total = listed.reduce((sum, { size }) => sum + size, 0)
  for (const { path, size } of listed) {
    if (total <= maxBytes) return
    await rm(path, { force: true })
    total -= size
  }
}

async function removeAbandoned(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name)
    const info = await stat(path).catch(() => undefined)
    if (info !== undefined && Date.now() - info.mtimeMs > ABANDONED_MS)
      await rm(path, { force: true })
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
