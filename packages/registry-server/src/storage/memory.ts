import type { ContentDigest } from '../digest.ts'
import type { PendingContent, RegistryStorage } from './storage.ts'

/** Keeps everything in memory until `close`: for tests, the demo and short-lived registries. */
export function createMemoryStorage(): RegistryStorage {
  const contents = new Map<string, Uint8Array>()
  return {
    begin: () => Promise.resolve(new MemoryPending(contents)),
    size: (digest) => Promise.resolve(contents.get(digest.text)?.length),
    async *read(digest, start, end) {
      const bytes = contents.get(digest.text)
      if (bytes !== undefined && end >= start) yield bytes.subarray(start, end + 1)
    },
    remove: (digest) => {
      contents.delete(digest.text)
      return Promise.resolve()
    },
    loadRepositories: () => Promise.resolve([]),
    saveRepository: () => Promise.resolve(),
    close: () => {
      contents.clear()
      return Promise.resolve()
    },
  }
}

class MemoryPending implements PendingContent {
  readonly #contents: Map<string, Uint8Array>
  #chunks: Uint8Array[] = []
  #size = 0

  constructor(contents: Map<string, Uint8Array>) {
    this.#contents = contents
  }

  get size(): number {
    return this.#size
  }

  append(chunk: Uint8Array): Promise<void> {
    // A copy: the socket's buffers are pooled, and a few kept bytes would hold the whole pool.
    this.#chunks.push(Uint8Array.from(chunk))
    this.#size += chunk.length
    return Promise.resolve()
  }

  truncate(size: number): Promise<void> {
    while (this.#size > size) {
      const last = this.#chunks.pop() as Uint8Array
      const excess = this.#size - size
      this.#size -= last.length
      if (last.length > excess) {
        this.#chunks.push(last.subarray(0, last.length - excess))
        this.#size += last.length - excess
      }
    }
    return Promise.resolve()
  }

  async *read(): AsyncIterable<Uint8Array> {
    yield* this.#chunks
  }

  commit(digest: ContentDigest): Promise<void> {
    this.#contents.set(digest.text, Buffer.concat(this.#chunks))
    return this.discard()
  }

  discard(): Promise<void> {
    this.#chunks = []
    this.#size = 0
    return Promise.resolve()
  }
}
