import { createHash, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { digestFrom, type ContentDigest } from './digest.ts'
import { ProtocolError } from './protocol-error.ts'
import type { Registry } from './registry.ts'
import { bodyChunks } from './reply.ts'
import type { PendingContent } from './storage/storage.ts'

/** What uploads may use. */
export interface UploadLimits {
  /** Largest blob in bytes. */
  readonly maxBlobBytes: number
  /** Sessions open at once; one more is answered with 429. */
  readonly maxSessions: number
  /** Milliseconds after which a session nobody touched is dropped. */
  readonly idleMs: number
}

interface Session {
  readonly id: string
  readonly repository: string
  readonly content: PendingContent
  touched: number
  busy: boolean
}

/** The upload sessions of a registry. */
export class Uploads {
  readonly #registry: Registry
  readonly #limits: UploadLimits
  readonly #sessions = new Map<string, Session>()
  // Reserved before the storage is asked, so that a burst of requests cannot pass the limit together.
  #starting = 0

  constructor(registry: Registry, limits: UploadLimits) {
    this.#registry = registry
    this.#limits = limits
  }

  /** Opens a session and returns its id. @throws ProtocolError `TOOMANYREQUESTS` */
  async start(repository: string): Promise<string> {
    await this.#dropIdle()
    if (this.#sessions.size + this.#starting >= this.#limits.maxSessions) {
      throw new ProtocolError('TOOMANYREQUESTS', 'Too many uploads are open', {
        headers: { 'retry-after': '1' },
      })
    }
    this.#starting++
    try {
      const content = await this.#registry.storage.begin()
      const session = {
        id: randomUUID(),
        repository,
        content,
        touched: performance.now(),
        busy: false,
      }
      this.#sessions.set(session.id, session)
      return session.id
    } finally {
      this.#starting--
    }
  }

  /** Bytes received so far. @throws ProtocolError `BLOB_UPLOAD_UNKNOWN` */
  received(repository: string, id: string): number {
    return this.#find(repository, id).content.size
  }

  /**
   * Appends a body, which must start at byte `expectedStart` when that is given.
   *
   * A body that breaks off leaves the session as it was before it.
   *
   * @throws ProtocolError `BLOB_UPLOAD_UNKNOWN`, `BLOB_UPLOAD_INVALID`, `SIZE_INVALID`
   */
  async append(
    repository: string,
    id: string,
    request: IncomingMessage,
    range: { readonly start: number; readonly end: number } | undefined,
  ): Promise<number> {
    return this.#use(repository, id, async ({ content }) => {
      const before = content.size
      if (range !== undefined && range.start !== before) {
        throw new ProtocolError('BLOB_UPLOAD_INVALID', `The next byte is ${before}`, {
          status: 416,
        })
      }
      try {
        for await (const chunk of bodyChunks(request)) {
          if (content.size + chunk.length > this.#limits.maxBlobBytes) {
            throw new ProtocolError(
              'SIZE_INVALID',
              `The blob is larger than ${this.#limits.maxBlobBytes} bytes`,
              { status: 413 },
            )
          }
          await content.append(chunk)
        }
        if (range !== undefined && content.size !== range.end + 1) {
          throw new ProtocolError('SIZE_INVALID', 'The body is not as long as Content-Range says')
        }
      } catch (error) {
        await content.truncate(before)
        throw error
      }
      return content.size
    })
  }

  /**
   * Closes the session and lists its content as a blob of the repository, when it hashes to `digest`.
   *
   * @throws ProtocolError `BLOB_UPLOAD_UNKNOWN`, or `DIGEST_INVALID`, after which the session is gone
   */
  async finish(repository: string, id: string, digest: ContentDigest): Promise<void> {
    await this.#use(repository, id, async ({ content }) => {
      this.#sessions.delete(id)
      let stored = false
      try {
        const hash = createHash(digest.algorithm)
        for await (const chunk of content.read()) hash.update(chunk)
        if (digestFrom(hash, digest.algorithm).text !== digest.text) {
          throw new ProtocolError('DIGEST_INVALID', 'The content does not hash to the digest')
        }
        await this.#registry.change(repository, async (state) => {
          if ((await this.#registry.storage.size(digest)) === undefined) {
            await content.commit(digest)
            stored = true
          }
          state.blobs.add(digest.text)
        })
      } finally {
        if (!stored) await content.discard()
      }
    })
  }

  /** Ends a session and forgets what it received. @throws ProtocolError `BLOB_UPLOAD_UNKNOWN` */
  async cancel(repository: string, id: string): Promise<void> {
    await this.#use(repository, id, async ({ content }) => {
      this.#sessions.delete(id)
      await content.discard()
    })
  }

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    await Promise.all(sessions.map(({ content }) => content.discard()))
  }

  #find(repository: string, id: string): Session {
    const session = this.#sessions.get(id)
    if (session === undefined || session.repository !== repository) {
      throw new ProtocolError('BLOB_UPLOAD_UNKNOWN', 'There is no such upload')
    }
    return session
  }

  async #use<T>(repository: string, id: string, use: (session: Session) => Promise<T>): Promise<T> {
    const session = this.#find(repository, id)
    // Two bodies at once would interleave; the second client is told instead of served.
    if (session.busy) {
      throw new ProtocolError('BLOB_UPLOAD_INVALID', 'Another request uses this upload', {
        status: 409,
      })
    }
    session.busy = true
    try {
      return await use(session)
    } finally {
      session.busy = false
      session.touched = performance.now()
    }
  }

  async #dropIdle(): Promise<void> {
    const now = performance.now()
    for (const session of this.#sessions.values()) {
      if (session.busy || now - session.touched < this.#limits.idleMs) continue
      this.#sessions.delete(session.id)
      await session.content.discard()
    }
  }
}
