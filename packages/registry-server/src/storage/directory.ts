import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContentDigest } from '../digest.ts'
import type { PendingContent, RegistryStorage, RepositoryState, StoredManifest } from './storage.ts'

/**
 * Keeps a registry in one directory: `content/<algorithm>/<hex>`, `repositories/<hash of the name>.json`, `pending/`.
 *
 * Whatever becomes visible is renamed into place after it was synced, so a killed process leaves old or new and never half;
 * what it leaves in `pending/` is removed at the next start. One process per directory.
 */
export async function createDirectoryStorage(directory: string): Promise<RegistryStorage> {
  const pending = join(directory, 'pending')
  const repositories = join(directory, 'repositories')
  await rm(pending, { recursive: true, force: true })
  for (const path of [
    pending,
    repositories,
    join(directory, 'content', 'sha256'),
    join(directory, 'content', 'sha512'),
  ]) {
    await mkdir(path, { recursive: true, mode: 0o700 })
  }
  // Digests reach this point parsed, so a path is made of an algorithm's name and hexadecimal digits only.
  const pathOf = (digest: ContentDigest): string =>
    join(directory, 'content', digest.algorithm, digest.hex)

  return {
    begin: async () => {
      const path = join(pending, randomUUID())
      return new PendingFile(path, await open(path, 'wx+', 0o600), pathOf)
    },
    size: async (digest) => {
      try {
        return (await stat(pathOf(digest))).size
      } catch (error) {
        if (isMissing(error)) return undefined
        throw error
      }
    },
    async *read(digest, start, end) {
      if (end >= start) yield* createReadStream(pathOf(digest), { start, end })
    },
    remove: (digest) => rm(pathOf(digest), { force: true }),
    loadRepositories: async () => {
      const names = (await readdir(repositories)).filter((name) => name.endsWith('.json'))
      return Promise.all(
        names.map(async (name) => decodeState(await readFile(join(repositories, name), 'utf8'))),
      )
    },
    saveRepository: async (state) => {
      const path = join(pending, randomUUID())
      const file = await open(path, 'wx', 0o600)
      try {
        await file.writeFile(encodeState(state))
        await file.sync()
      } finally {
        await file.close()
      }
      // A name has up to 255 characters and slashes; its hash is a file name everywhere.
      const hash = createHash('sha256').update(state.name).digest('hex')
      await rename(path, join(repositories, `${hash}.json`))
      await syncDirectory(repositories)
    },
    close: () => Promise.resolve(),
  }
}

class PendingFile implements PendingContent {
  readonly #path: string
  readonly #file: FileHandle
  readonly #pathOf: (digest: ContentDigest) => string
  #size = 0

  constructor(path: string, file: FileHandle, pathOf: (digest: ContentDigest) => string) {
    this.#path = path
    this.#file = file
    this.#pathOf = pathOf
  }

  get size(): number {
    return this.#size
  }

  async append(chunk: Uint8Array): Promise<void> {
    let written = 0
    while (written < chunk.length) {
      const { bytesWritten } = await this.#file.write(
        chunk,
        written,
        chunk.length - written,
        this.#size + written,
      )
      written += bytesWritten
    }
    this.#size += chunk.length
  }

  async truncate(size: number): Promise<void> {
    await this.#file.truncate(size)
    this.#size = size
  }

  async *read(): AsyncIterable<Uint8Array> {
    if (this.#size > 0) yield* createReadStream(this.#path, { start: 0, end: this.#size - 1 })
  }

  async commit(digest: ContentDigest): Promise<void> {
    await this.#file.sync()
    await this.#file.close()
    const target = this.#pathOf(digest)
    await rename(this.#path, target)
    await syncDirectory(join(target, '..'))
  }

  async discard(): Promise<void> {
    await this.#file.close()
    await rm(this.#path, { force: true })
  }
}

async function syncDirectory(path: string): Promise<void> {
  // Windows has no handle for a directory; there the rename itself is what there is.
  const handle = await open(path, 'r').catch(() => undefined)
  if (handle === undefined) return
  try {
    await handle.sync().catch(() => undefined)
  } finally {
    await handle.close()
  }
}

function encodeState(state: RepositoryState): string {
  return JSON.stringify({
    name: state.name,
    blobs: [...state.blobs],
    manifests: [...state.manifests],
    tags: [...state.tags],
  })
}

function decodeState(text: string): RepositoryState {
  // Written by `encodeState` in a directory of mode 0700: ours, so trusted in shape.
  const state = JSON.parse(text) as {
    name: string
    blobs: string[]
    manifests: [string, StoredManifest][]
    tags: [string, string][]
  }
  return {
    name: state.name,
    blobs: new Set(state.blobs),
    manifests: new Map(state.manifests),
    tags: new Map(state.tags),
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
