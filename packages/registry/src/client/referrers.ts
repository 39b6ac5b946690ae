import { encodeUtf8, type Digest } from '@morphee/core'
import { RegistryError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { artifactTypeOf, type ImageIndex, parseManifestDocument } from '../oci/manifest.ts'
import { MEDIA_TYPES } from '../oci/media-types.ts'
import { referrersTag, type RepositoryReference } from '../reference/reference.ts'
import { delay } from '../transport/delay.ts'
import { discardBody, readBody } from '../transport/read-body.ts'
import { badResponse, type Exchange } from './exchange.ts'
import {
  getManifest,
  hasManifest,
  isBlobUnseen,
  MAX_MANIFEST_BYTES,
  putManifest,
} from './manifests.ts'
import { nextPage } from './next-page.ts'

/** What refers to a manifest. */
export interface Referrers {
  /** Where the list came from: the referrers API, or the tag that stands in for it. */
  readonly via: 'api' | 'tag'
  readonly manifests: readonly Descriptor[]
  /** Entries that could not be read or were more than are looked at. */
  readonly skipped: number
}

const MAX_PAGES = 20
const MAX_ENTRIES = 1000
// Entries without a type cost a request each. As many as there may be signatures.
const MAX_LOOKED_INTO = 256

/** Lists what refers to `subject`, of one type if given. The list is the registry's word: every entry is to be proven by whoever uses it. */
export async function listReferrers(
  exchange: Exchange,
  reference: RepositoryReference,
  subject: Digest,
  artifactType: string | undefined,
  signal: AbortSignal,
): Promise<Referrers> {
  const fromApi = await listFromApi(exchange, reference, subject, artifactType, signal)
  const via = fromApi === undefined ? 'tag' : 'api'
  const listed = fromApi ?? (await fallbackIndex(exchange, reference, subject, signal))
  if (listed === undefined) return { via, manifests: [], skipped: 0 }

  const wanted = (type: string | undefined): boolean =>
    artifactType === undefined || type === artifactType
  const manifests: Descriptor[] = []
  const seen = new Set<Digest>()
  let skipped = listed.skipped
  let lookedInto = 0
  for (const entry of listed.manifests) {
    if (seen.has(entry.digest)) continue
    seen.add(entry.digest)
    if (manifests.length >= MAX_ENTRIES) skipped++
    else if (entry.artifactType !== undefined) {
      if (wanted(entry.artifactType)) manifests.push(entry)
    } else if (lookedInto >= MAX_LOOKED_INTO) skipped++
    else {
      // Copies made by skopeo and go-containerregistry lose the type, so the manifest itself is asked.
      lookedInto++
      const typed = await lookInto(exchange, reference, subject, entry, signal)
      if (typed === undefined) skipped++
      else if (wanted(typed.artifactType)) manifests.push(typed)
    }
  }
  return { via, manifests, skipped }
}

/**
 * Makes sure that `entry` is listed as a referrer of `subject`.
 *
 * Without a referrers API the list is a tag that every writer overwrites whole, and registries ignore `If-Match`. So it is
 * written and read back until the entry was seen twice in a row, with pauses of random length between.
 *
 * @throws {@link RegistryError} `ERR_REGISTRY_CONFLICT`
 */
export async function ensureListed(
  exchange: Exchange,
  reference: RepositoryReference,
  subject: Digest,
  entry: Descriptor,
  listedFor: string | undefined,
  pauseMs: number,
  signal: AbortSignal,
): Promise<void> {
  // Some registries answer OCI-Subject without having the API, so the header alone proves nothing.
  if (
    listedFor === subject &&
    (await listFromApi(exchange, reference, subject, undefined, signal)) !== undefined
  )
    return
  let sightings = 0
  for (let round = 0; round < 16; round++) {
    const current = await fallbackIndex(exchange, reference, subject, signal)
    if (current?.manifests.some(({ digest }) => digest === entry.digest) === true) {
      sightings++
      if (sightings >= 2) return
    } else {
      sightings = 0
      await writeFallbackIndex(
        exchange,
        reference,
        subject,
        [...(current?.manifests ?? []), entry],
        signal,
      )
    }
    await delay(pauseMs * (0.5 + Math.random()), signal)
  }
  const { registry, repository } = reference
  throw new RegistryError(
    'ERR_REGISTRY_CONFLICT',
    `Cannot list the signature in ${registry}/${repository}: others keep overwriting the list`,
    { registry, repository },
  )
}

async function writeFallbackIndex(
  exchange: Exchange,
  reference: RepositoryReference,
  subject: Digest,
  manifests: readonly Descriptor[],
  signal: AbortSignal,
): Promise<void> {
  const { registry, repository } = reference
  const put = (entries: readonly Descriptor[]): Promise<unknown> => {
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.imageIndex, manifests: entries }
    const place = { registry, repository, tag: referrersTag(subject) }
    return putManifest(
      exchange,
      place,
      encodeUtf8(JSON.stringify(index)),
      MEDIA_TYPES.imageIndex,
      signal,
    )
  }
  try {
    await put(manifests)
  } catch (error) {
    if (!isBlobUnseen(error)) throw error
    // A referrer that was deleted is still on the list, and a registry that checks lists refuses every new one with it.
    const present = await Promise.all(
      manifests
        .slice(-MAX_ENTRIES)
        .map((entry) => hasManifest(exchange, reference, entry.digest, signal)),
    )
    await put(manifests.slice(-MAX_ENTRIES).filter((_, i) => present[i]))
  }
}

/** The list of the referrers API, or `undefined` when the registry has none. */
async function listFromApi(
  exchange: Exchange,
  reference: RepositoryReference,
  subject: Digest,
  artifactType: string | undefined,
  signal: AbortSignal,
): Promise<Pick<ImageIndex, 'manifests' | 'skipped'> | undefined> {
  const query =
    artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`
  let url = exchange.url(reference, `referrers/${subject}${query}`)
  const manifests: Descriptor[] = []
  let skipped = 0
  for (let page = 0; page < MAX_PAGES && manifests.length <= MAX_ENTRIES; page++) {
    const response = await exchange.send(reference, {
      method: 'GET',
      url,
      access: 'pull',
      headers: { accept: MEDIA_TYPES.imageIndex, 'accept-encoding': 'identity' },
      expect: [200, 400, 404, 405, 406],
      idempotent: true,
      signal,
    })
    const type = response.headers.get('content-type')?.split(';')[0]?.trim()
    if (response.status !== 200 || type !== MEDIA_TYPES.imageIndex) {
      await discardBody(response)
      if (page === 0) return undefined
      throw badResponse(reference.registry, 'its list of referrers breaks off')
    }
    const bytes = await readBody(response, MAX_MANIFEST_BYTES)
    const index =
      bytes === undefined ? 'it is too large' : parseManifestDocument(bytes, MEDIA_TYPES.imageIndex)
    if (typeof index === 'string' || index.kind !== 'index') {
      throw badResponse(reference.registry, `its list of referrers cannot be read`)
    }
    manifests.push(...index.manifests)
    skipped += index.skipped
    const next = nextPage(response.headers)
    if (next === null) return { manifests, skipped }
    url = exchange.follow(reference, response, next)
  }
  // More than anybody signs: what is beyond is counted as unread, and the caller decides with what it has.
  return { manifests, skipped: skipped + 1 }
}

async function fallbackIndex(
  exchange: Exchange,
  reference: RepositoryReference,
  subject: Digest,
  signal: AbortSignal,
): Promise<ImageIndex | undefined> {
  const { registry, repository } = reference
  try {
    const { descriptor, document } = await getManifest(
      exchange,
      { registry, repository, tag: referrersTag(subject) },
      signal,
    )
    // GitLab resolves the tag to the subject itself; that is no list.
    return document.kind === 'index' && descriptor.digest !== subject ? document : undefined
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'ERR_REGISTRY_NOT_FOUND') return undefined
    throw error
  }
}

async function lookInto(
  exchange: Exchange,
  reference: RepositoryReference,
  subject: Digest,
  entry: Descriptor,
  signal: AbortSignal,
): Promise<Descriptor | undefined> {
  const { registry, repository } = reference
  try {
    const { document } = await getManifest(
      exchange,
      { registry, repository, digest: entry.digest },
      signal,
    )
    if (document.kind !== 'manifest' || document.subject?.digest !== subject) return undefined
    return { ...entry, artifactType: artifactTypeOf(document), annotations: document.annotations }
  } catch (error) {
    // One bad entry must not hide the good ones; a registry that fails altogether is another matter.
    if (
      error instanceof RegistryError &&
      [
        'ERR_REGISTRY_NOT_FOUND',
        'ERR_REGISTRY_CONTENT',
        'ERR_REGISTRY_RESPONSE',
        'ERR_REGISTRY_TOO_LARGE',
      ].includes(error.code)
    )
      return undefined
    throw error
  }
}
