import type { ContentDigest } from '../digest.ts'

/** What one manifest is, beside its bytes: all that lists and referrers need, so that serving them reads no content. */
export interface StoredManifest {
  readonly mediaType: string
  readonly size: number
  readonly artifactType?: string
  /** Digest of the manifest this one refers to. */
  readonly subject?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** Everything a repository holds, by digest; the bytes are in {@link RegistryStorage}. */
export interface RepositoryState {
  readonly name: string
  readonly blobs: Set<string>
  readonly manifests: Map<string, StoredManifest>
  /** Tag to manifest digest. */
  readonly tags: Map<string, string>
}

/** Content on its way in. One writer at a time; `truncate` takes back what a broken connection left. */
export interface PendingContent {
  readonly size: number
  append(chunk: Uint8Array): Promise<void>
  truncate(size: number): Promise<void>
  read(): AsyncIterable<Uint8Array>
  /** Makes the content available under `digest`, which the caller has proven. */
  commit(digest: ContentDigest): Promise<void>
  discard(): Promise<void>
}

/** Where content and repositories are kept. Content is shared by all repositories and named by its digest. */
export interface RegistryStorage {
  begin(): Promise<PendingContent>
  /** Size of stored content in bytes, or `undefined` when there is none. */
  size(digest: ContentDigest): Promise<number | undefined>
  /** Bytes `start` to `end`, both included. */
  read(digest: ContentDigest, start: number, end: number): AsyncIterable<Uint8Array>
  remove(digest: ContentDigest): Promise<void>
  loadRepositories(): Promise<RepositoryState[]>
  saveRepository(state: RepositoryState): Promise<void>
  close(): Promise<void>
}
