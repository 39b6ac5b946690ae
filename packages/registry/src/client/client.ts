import type { Digest } from '@morphee/core'
import type { CredentialSource } from '../auth/credentials.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { FetchedManifest } from '../oci/manifest.ts'
import type { Reference, RepositoryReference } from '../reference/reference.ts'
import type { RegistryTransport } from '../transport/transport.ts'
import { attach, type Attachment } from './attach.ts'
import { getBlob, hasBlob, pushBlob } from './blobs.ts'
import { Exchange } from './exchange.ts'
import { getManifest, putManifest } from './manifests.ts'
import { listReferrers, type Referrers } from './referrers.ts'
import { listTags } from './tags.ts'

/** How a {@link RegistryClient} works. */
export interface RegistryClientOptions {
  /** The only way to the network. */
  readonly transport: RegistryTransport
  /** Accounts at registries. @default none */
  readonly credentials?: CredentialSource
  /**
   * By registry, the origins of token servers that may see its account, beside the registry's own and Docker Hub's and
   * GitLab's known ones.
   */
  readonly realms?: Readonly<Record<string, readonly string[]>>
  /** Whether a registry is asked over plain HTTP. @default loopback addresses and `localhost` only */
  readonly plainHttp?: (registry: string) => boolean
  /** @default 'morphee' */
  readonly userAgent?: string
  /** Milliseconds between two signs of life of a registry. @default 30,000 */
  readonly idleTimeoutMs?: number
  /** Milliseconds one request may take whole. @default 600,000 */
  readonly totalTimeoutMs?: number
  /** Tries after the first, of requests that may be sent twice. @default 3 */
  readonly retries?: number
  /** Milliseconds before the first of them, doubled each time. @default 200 */
  readonly retryDelayMs?: number
  /** Blobs up to this many bytes are sent in one request. @default 16 MiB */
  readonly maxMonolithicBytes?: number
  /** Bytes in one request of a larger blob; GHCR takes no more than 4 MiB. @default 4 MiB */
  readonly chunkBytes?: number
}

/** What every call may be given. */
export interface CallOptions {
  /** Ends the call; it rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * A client of OCI registries (distribution specification 1.1).
 *
 * What it returns is proven by digest where a digest was asked for; who made it is not established here.
 */
export interface RegistryClient {
  /** The digest that a tag names now, computed from the manifest's bytes; a reference with a digest is read and proven. */
  resolve(reference: Reference, options?: CallOptions): Promise<Digest>
  /** A manifest of at most 4 MiB. @throws `ERR_REGISTRY_NOT_FOUND`, `ERR_REGISTRY_CONTENT`, `ERR_REGISTRY_TOO_LARGE`, `ERR_REGISTRY_RESPONSE` */
  getManifest(reference: Reference, options?: CallOptions): Promise<FetchedManifest>
  /**
   * A blob's bytes, in a buffer of their own. At most the descriptor's size is read, and that may be at most `maxBytes`.
   *
   * @throws `ERR_REGISTRY_NOT_FOUND`, `ERR_REGISTRY_CONTENT`, `ERR_REGISTRY_TOO_LARGE`
   */
  getBlob(
    reference: RepositoryReference,
    descriptor: Descriptor,
    options: CallOptions & { readonly maxBytes: number },
  ): Promise<Uint8Array<ArrayBuffer>>
  hasBlob(reference: RepositoryReference, digest: Digest, options?: CallOptions): Promise<boolean>
  /** Sends bytes unless the repository has them, and returns what names them. */
  pushBlob(
    reference: RepositoryReference,
    bytes: Uint8Array<ArrayBuffer>,
    mediaType: string,
    options?: CallOptions,
  ): Promise<Descriptor>
  /** Sends a manifest, under the reference's tag or, without one, its digest. */
  putManifest(
    reference: Reference,
    bytes: Uint8Array<ArrayBuffer>,
    mediaType: string,
    options?: CallOptions,
  ): Promise<Descriptor>
  /** What refers to `subject`, of one type if given: by the referrers API, or by the tag that stands in for it. */
  referrers(
    reference: RepositoryReference,
    subject: Digest,
    options?: CallOptions & { readonly artifactType?: string },
  ): Promise<Referrers>
  /** Pushes an attachment of a manifest; when it returns, others find it. @throws `ERR_REGISTRY_CONFLICT` */
  attach(
    reference: RepositoryReference,
    attachment: Attachment,
    options?: CallOptions,
  ): Promise<Descriptor>
  /** All tags but lists of referrers. @throws `ERR_REGISTRY_TOO_LARGE` past `limit`, 50,000 by default */
  tags(
    reference: RepositoryReference,
    options?: CallOptions & { readonly limit?: number },
  ): Promise<string[]>
}

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/
const LIST_PAUSE_MS = 120

/** Makes a client. It holds no connections of its own, only tokens that registries gave it. */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const exchange = new Exchange({
    transport: options.transport,
    credentials: options.credentials ?? (() => undefined),
    realms: options.realms ?? {},
    plainHttp: options.plainHttp ?? ((registry) => LOOPBACK.test(registry)),
    userAgent: options.userAgent ?? 'morphee',
    times: {
      idleTimeoutMs: options.idleTimeoutMs ?? 30_000,
      totalTimeoutMs: options.totalTimeoutMs ?? 600_000,
    },
    retries: options.retries ?? 3,
    retryDelayMs: options.retryDelayMs ?? 200,
  })
  const limits = {
    maxMonolithicBytes: options.maxMonolithicBytes ?? 16 * 1024 * 1024,
    chunkBytes: options.chunkBytes ?? 4 * 1024 * 1024,
  }
  return {
    resolve: async (reference, call) =>
      (await getManifest(exchange, reference, signalOf(call))).descriptor.digest,
    getManifest: (reference, call) => getManifest(exchange, reference, signalOf(call)),
    getBlob: (reference, descriptor, call) =>
      getBlob(exchange, reference, descriptor, call.maxBytes, signalOf(call)),
    hasBlob: (reference, digest, call) =>
      hasBlob(exchange, reference, digest, 'pull', signalOf(call)),
    pushBlob: (reference, bytes, mediaType, call) =>
      pushBlob(exchange, reference, bytes, mediaType, limits, signalOf(call)),
    putManifest: async (reference, bytes, mediaType, call) =>
      (await putManifest(exchange, reference, bytes, mediaType, signalOf(call))).descriptor,
    referrers: (reference, subject, call) =>
      listReferrers(exchange, reference, subject, call?.artifactType, signalOf(call)),
    attach: (reference, attachment, call) =>
      attach(exchange, reference, attachment, limits, LIST_PAUSE_MS, signalOf(call)),
    tags: (reference, call) => listTags(exchange, reference, call?.limit ?? 50_000, signalOf(call)),
  }
}

function signalOf(call: CallOptions | undefined): AbortSignal {
  return call?.signal ?? new AbortController().signal
}
