import { tryParseContentDigest, type ContentDigest } from './digest.ts'
import { ProtocolError } from './protocol-error.ts'
import type { RegistryStorage, RepositoryState } from './storage/storage.ts'

/**
 * The repositories of one registry over its storage: what is there, and changes one at a time.
 *
 * Every change runs alone and is saved before its caller goes on, so an answer is never given for something a crash could
 * take back, and content is never removed between being stored and being listed.
 */
export class Registry {
  readonly storage: RegistryStorage
  readonly #repositories: Map<string, RepositoryState>
  #last: Promise<unknown> = Promise.resolve()

  private constructor(storage: RegistryStorage, repositories: Map<string, RepositoryState>) {
    this.storage = storage
    this.#repositories = repositories
  }

  static async open(storage: RegistryStorage): Promise<Registry> {
    const states = await storage.loadRepositories()
    return new Registry(storage, new Map(states.map((state) => [state.name, state])))
  }

  /** The repository `name`, or `undefined` when nothing was ever pushed to it. */
  find(name: string): Readonly<RepositoryState> | undefined {
    return this.#repositories.get(name)
  }

  /** The repository `name`. @throws ProtocolError `NAME_UNKNOWN` */
  require(name: string): Readonly<RepositoryState> {
    const state = this.#repositories.get(name)
    if (state === undefined) throw new ProtocolError('NAME_UNKNOWN', 'There is no such repository')
    return state
  }

  /** Whether any repository lists a blob. */
  holdsBlob(digest: ContentDigest): boolean {
    return this.#repositories.values().some((state) => state.blobs.has(digest.text))
  }

  /** Runs `change` on the repository `name`, alone, and saves it; a new one comes into being when `change` returns. */
  async change<T>(name: string, change: (state: RepositoryState) => Promise<T> | T): Promise<T> {
    return this.#alone(async () => {
      const state = this.#repositories.get(name) ?? emptyRepository(name)
      const result = await change(state)
      await this.storage.saveRepository(state)
      this.#repositories.set(name, state)
      return result
    })
  }

  /** Removes the bytes behind `digests` where no repository lists them any more. */
  async removeUnlisted(digests: Iterable<string>): Promise<void> {
    await this.#alone(async () => {
      for (const text of digests) {
        const digest = tryParseContentDigest(text)
        if (digest === undefined || this.#isListed(text)) continue
        await this.storage.remove(digest)
      }
    })
  }

  #isListed(digest: string): boolean {
    return this.#repositories
      .values()
      .some((state) => state.blobs.has(digest) || state.manifests.has(digest))
  }

  async #alone<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task)
    this.#last = result.catch(() => undefined)
    return result
  }
}

function emptyRepository(name: string): RepositoryState {
  return { name, blobs: new Set(), manifests: new Map(), tags: new Map() }
}
