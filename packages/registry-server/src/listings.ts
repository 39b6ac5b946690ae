import type { ContentDigest } from './digest.ts'
import { ProtocolError } from './protocol-error.ts'
import type { Registry } from './registry.ts'
import type { Call, Reply } from './reply.ts'

const INDEX = 'application/vnd.oci.image.index.v1+json'
// A page of referrers stays below what a client reads of a manifest.
const MAX_PAGE_LENGTH = 2 * 1024 * 1024
const MAX_PAGE_TAGS = 1000

/** GET of `tags/list`, sorted by code units, `n` at a time after `last`. */
export function listTags(registry: Registry, call: Call, repository: string): Reply {
  const query = call.url.searchParams
  const asked = query.get('n')
  if (asked !== null && !/^\d{1,9}$/.test(asked)) {
    throw new ProtocolError('SIZE_INVALID', 'n is not a number')
  }
  const n = Math.min(asked === null ? MAX_PAGE_TAGS : Number(asked), MAX_PAGE_TAGS)
  const last = query.get('last')
  const all = [...registry.require(repository).tags.keys()].sort()
  const rest = last === null ? all : all.filter((tag) => tag > last)
  const tags = rest.slice(0, n)
  const next = tags.at(-1)
  const link = `</v2/${repository}/tags/list?n=${n}&last=${encodeURIComponent(next ?? '')}>; rel="next"`
  const hasMore = next !== undefined && rest.length > tags.length
  return json({ name: repository, tags }, 'application/json', hasMore ? { link } : {})
}

/** GET of `referrers/<digest>`: an index of the manifests whose subject is that digest, whether or not it exists. */
export function listReferrers(
  registry: Registry,
  call: Call,
  repository: string,
  subject: ContentDigest,
): Reply {
  const query = call.url.searchParams
  const wanted = query.get('artifactType')
  const last = query.get('last') ?? ''
  const found = [...(registry.find(repository)?.manifests ?? [])]
    .filter(([digest, manifest]) => manifest.subject === subject.text && digest > last)
    .filter(([, manifest]) => wanted === null || manifest.artifactType === wanted)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const page: unknown[] = []
  let length = 0
  let next: string | undefined
  for (const [digest, { mediaType, size, artifactType, annotations }] of found) {
    const descriptor = { mediaType, digest, size, artifactType, annotations }
    length += JSON.stringify(descriptor).length
    if (length > MAX_PAGE_LENGTH) break
    page.push(descriptor)
    next = digest
  }
  const filter = wanted === null ? '' : `artifactType=${encodeURIComponent(wanted)}&`
  return json({ schemaVersion: 2, mediaType: INDEX, manifests: page }, INDEX, {
    ...(wanted === null ? {} : { 'oci-filters-applied': 'artifactType' }),
    ...(next === undefined || page.length === found.length
      ? {}
      : {
          link: `</v2/${repository}/referrers/${subject.text}?${filter}last=${encodeURIComponent(next)}>; rel="next"`,
        }),
  })
}

function json(value: unknown, type: string, headers: Readonly<Record<string, string>>): Reply {
  return {
    status: 200,
    headers: { ...headers, 'content-type': type },
    body: Buffer.from(JSON.stringify(value)),
  }
}
