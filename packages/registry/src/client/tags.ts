import { tryDecodeUtf8 } from '@morphee/core'
import { RegistryError } from '../errors.ts'
import { isRecord } from '../oci/descriptor.ts'
import { isReferrersTag, isTag, type RepositoryReference } from '../reference/reference.ts'
import { readBody } from '../transport/read-body.ts'
import { badResponse, type Exchange } from './exchange.ts'
import { MAX_MANIFEST_BYTES } from './manifests.ts'
import { nextPage } from './next-page.ts'

const PAGE = 1000
const MAX_PAGES = 200

/** All tags of a repository but lists of referrers; more than `limit` is an error, because a part would be taken for the whole. */
export async function listTags(
  exchange: Exchange,
  reference: RepositoryReference,
  limit: number,
  signal: AbortSignal,
): Promise<string[]> {
  const tags = new Set<string>()
  let url = exchange.url(reference, `tags/list?n=${PAGE}`)
  for (let page = 0; page < MAX_PAGES; page++) {
    const response = await exchange.send(reference, {
      method: 'GET',
      url,
      access: 'pull',
      headers: { accept: 'application/json', 'accept-encoding': 'identity' },
      expect: [200],
      idempotent: true,
      signal,
    })
    const before = tags.size
    for (const tag of parseTags(reference.registry, await readBody(response, MAX_MANIFEST_BYTES)))
      tags.add(tag)
    if (tags.size > limit) break
    const next = nextPage(response.headers)
    if (next === null) return [...tags].filter((tag) => !isReferrersTag(tag))
    // A list that goes on without anything new goes round in circles.
    if (tags.size === before) throw badResponse(reference.registry, 'its list of tags does not end')
    url = exchange.follow(reference, response, next)
  }
  throw new RegistryError('ERR_REGISTRY_TOO_LARGE', `The repository has more than ${limit} tags`, {
    what: 'tags',
    limit,
  })
}

function parseTags(registry: string, bytes: Uint8Array | undefined): string[] {
  let value: unknown
  try {
    value = JSON.parse(tryDecodeUtf8(bytes ?? new Uint8Array(0)) ?? '')
  } catch {
    throw badResponse(registry, 'its list of tags is not JSON, or too long')
  }
  // Some registries write `null` for none.
  const tags = isRecord(value) ? (value['tags'] ?? []) : undefined
  if (!Array.isArray(tags)) throw badResponse(registry, 'its list of tags is not a list')
  return tags.filter((tag): tag is string => typeof tag === 'string' && isTag(tag))
}
