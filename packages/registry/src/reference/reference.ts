import { tryParseDigest, type Digest } from '@morphee/core'
import { RegistryError } from '../errors.ts'

/** A repository in a registry. */
export interface RepositoryReference {
  /** Host in lower case and, unless it is the default, port: `ghcr.io`, `127.0.0.1:5000`. */
  readonly registry: string
  /** Path in the registry: `acme/jira`. */
  readonly repository: string
}

/** Something in a repository, by tag, digest or both. With both the digest decides. */
export interface Reference extends RepositoryReference {
  readonly tag?: string
  readonly digest?: Digest
}

// The grammars of the distribution specification 1.1, section "Pulling manifests".
const PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const REPOSITORY = new RegExp(`^${PART}(?:/${PART})*$`)
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const HOST =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::[1-9][0-9]{0,4})?$/
// host 255 + port, repository 255, tag 128, digest 71 and their separators
const MAX_LENGTH = 720

/**
 * Reads `host[:port]/repository[:tag][@sha256:…]`, with or without `oci://` before it.
 *
 * Nothing is filled in: no default registry (`jira` is not `docker.io/library/jira`) and no default tag. A host is ASCII and
 * is spelt as a URL would print it, so that what was shown is where the request goes.
 *
 * @throws {@link RegistryError} `ERR_REGISTRY_REFERENCE`
 */
export function parseReference(text: string): Reference {
  if (text.length > MAX_LENGTH) throw refuse('it is too long')
  let rest = text.startsWith('oci://') ? text.slice('oci://'.length) : text
  let digest: Digest | undefined
  let tag: string | undefined
  const at = rest.indexOf('@')
  if (at !== -1) {
    digest = tryParseDigest(rest.slice(at + 1))
    if (digest === undefined)
      throw refuse('after "@" comes sha256: and 64 lower-case hexadecimal digits')
    rest = rest.slice(0, at)
  }
  const slash = rest.indexOf('/')
  if (slash === -1) throw refuse('it names no registry: write registry.example/publisher/name')
  const registry = parseRegistry(rest.slice(0, slash))
  let repository = rest.slice(slash + 1)
  const colon = repository.indexOf(':')
  if (colon !== -1) {
    tag = repository.slice(colon + 1)
    if (!TAG.test(tag))
      throw refuse('the tag has letters, digits, ".", "_" and "-" only, and at most 128')
    repository = repository.slice(0, colon)
  }
  if (!isRepositoryName(repository)) {
    throw refuse(
      'the repository has lower-case letters and digits, with ".", "_", "-" and "/" between them',
    )
  }
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  }
}

/** The text of a reference; {@link parseReference} gives it back. */
export function formatReference(reference: Reference): string {
  const { registry, repository, tag, digest } = reference
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** Whether `text` can be a tag. A semantic version can, unless it has build metadata (`+`). */
export function isTag(text: string): boolean {
  return TAG.test(text)
}

/** The tag under which registries without a referrers API list what refers to `digest` (distribution specification 1.1, "Referrers Tag Schema"). */
export function referrersTag(digest: Digest): string {
  return digest.replace(':', '-')
}

/** Whether a tag is a list of referrers and not a version. */
export function isReferrersTag(tag: string): boolean {
  return /^sha256-[0-9a-f]{64}/.test(tag)
}

function isRepositoryName(name: string): boolean {
  return name.length <= 255 && REPOSITORY.test(name)
}

function parseRegistry(text: string): string {
  const registry = text.toLowerCase()
  if (!HOST.test(registry)) throw refuse('the registry is not a host, with a port where needed')
  // A first part without dot or port would be a Docker Hub user in other tools: `acme/jira` must not quietly mean two things.
  if (!/[.:]/.test(registry) && registry !== 'localhost') {
    throw refuse('it starts with no registry host; Docker Hub is written docker.io/user/name')
  }
  let host: string
  try {
    // The parser prints odd spellings of an IP address (0x7f.1, 2130706433) as what they are; a reference must say that itself.
    host = new URL(`https://${registry}`).host
  } catch {
    throw refuse('the registry is not a host, with a port where needed')
  }
  if (host !== registry.replace(/:443$/, '')) throw refuse(`the registry is spelt ${host}`)
  return host
}

function refuse(reason: string): RegistryError {
  return new RegistryError('ERR_REGISTRY_REFERENCE', `Cannot read the reference: ${reason}`, {
    reason,
  })
}
