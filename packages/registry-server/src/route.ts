import { tryParseContentDigest, type ContentDigest } from './digest.ts'
import { ProtocolError } from './protocol-error.ts'

/** What a request path asks for; the method decides the rest. */
export type Route =
  | { readonly kind: 'base' }
  | { readonly kind: 'token' }
  | { readonly kind: 'uploads'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly session: string }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: ContentDigest }
  | {
      readonly kind: 'manifest'
      readonly repository: string
      readonly reference: ManifestReference
    }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: ContentDigest }

/** A manifest is named by a tag or by its digest. */
export type ManifestReference =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'digest'; readonly digest: ContentDigest }

// The grammar of <name> in the distribution specification. The length is tested first, so a hostile path is never matched at length.
const PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${PART}(?:/${PART})*$`)
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const MAX_REPOSITORY_LENGTH = 255

/** Whether `name` is a repository name that this registry serves. */
export function isRepositoryName(name: string): boolean {
  return name.length <= MAX_REPOSITORY_LENGTH && REPOSITORY.test(name)
}

/**
 * Reads the path of a request.
 *
 * @throws ProtocolError `NAME_INVALID`, `DIGEST_INVALID`, `MANIFEST_INVALID` or, for a path that is no endpoint, `NAME_UNKNOWN`.
 */
export function parseRoute(path: string): Route {
  const decoded = decode(path)
  if (decoded === '/v2' || decoded === '/v2/') return { kind: 'base' }
  if (decoded === '/token') return { kind: 'token' }
  const match =
    /^\/v2\/(.{1,1024}?)\/(?:(blobs)\/(uploads)\/([^/]*)|(blobs|manifests|referrers)\/([^/]+)|(tags)\/list)$/.exec(
      decoded,
    )
  if (match === null) throw new ProtocolError('NAME_UNKNOWN', 'There is no such endpoint')
  const repository = match[1] as string
  if (!isRepositoryName(repository)) {
    throw new ProtocolError('NAME_INVALID', 'The repository name is not valid')
  }
  if (match[3] !== undefined) {
    const session = match[4] as string
    return session === ''
      ? { kind: 'uploads', repository }
      : { kind: 'upload', repository, session }
  }
  if (match[7] !== undefined) return { kind: 'tags', repository }
  const name = match[6] as string
  switch (match[5]) {
    case 'blobs':
      return { kind: 'blob', repository, digest: parseDigest(name) }
    case 'referrers':
      return { kind: 'referrers', repository, digest: parseDigest(name) }
    default:
      return { kind: 'manifest', repository, reference: parseManifestReference(name) }
  }
}

/** Reads a digest of a request. @throws ProtocolError `DIGEST_INVALID` */
export function parseDigest(text: string): ContentDigest {
  const digest = tryParseContentDigest(text)
  if (digest === undefined) {
    throw new ProtocolError('DIGEST_INVALID', 'The digest is neither SHA-256 nor SHA-512')
  }
  return digest
}

function parseManifestReference(text: string): ManifestReference {
  if (text.includes(':')) return { kind: 'digest', digest: parseDigest(text) }
  if (TAG.test(text)) return { kind: 'tag', tag: text }
  throw new ProtocolError('MANIFEST_INVALID', 'The tag is not valid')
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new ProtocolError('NAME_INVALID', 'The path is not valid percent-encoding')
  }
}
