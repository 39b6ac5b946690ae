import type { HttpDeclaration } from '@morphee/manifest'
import { tryDecodeUtf8, tryParseStrictJson } from '@morphee/core'
import { namesMethod } from '@morphee/egress'
import { readGraphqlQuery } from './graphql/read-graphql-query.ts'

/** The parts of a request by which a service decides what it does. */
export interface PostedRequest {
  readonly url: string
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly body: Uint8Array | undefined
}

/** A POST under `http:read` as it will be sent. */
export interface ReadingPost {
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly body: Uint8Array | undefined
  /** Of a GraphQL query: the fields it asks for. */
  readonly graphql?: { readonly operation: 'query'; readonly fields: readonly string[] }
}

/**
 * Makes a POST that the manifest declares as reading fit to be sent, or says why it is refused.
 *
 * At a URL declared as GraphQL the body is replaced by the host's own print of one query. Elsewhere it is the author who says
 * that the POST reads; what would turn it into another method is refused.
 */
export function readingPost(
  declared: HttpDeclaration,
  request: PostedRequest,
): ReadingPost | string {
  if (headersOf(request, 'content-type').length > 1)
    return 'it has two content types, of which a service may believe either'
  if (headersOf(request, 'content-encoding').length > 0)
    return 'its body is encoded, so the host cannot see what it asks for'
  return declared === 'graphql' ? graphqlPost(request) : declaredPost(request)
}

function graphqlPost(request: PostedRequest): ReadingPost | string {
  // Servers that take the document from the URL too often prefer it to the body's.
  if (URL.parse(request.url)?.search !== '') return 'its URL has a query'
  const type = mediaType(request)
  if (type !== undefined && type !== 'application/json')
    return `its body is ${JSON.stringify(type.slice(0, 40))} and not application/json`
  if (request.body === undefined) return 'it has no body'
  const query = readGraphqlQuery(request.body)
  if (typeof query === 'string') return query
  return {
    headers: [
      ...request.headers.filter(({ name }) => !isNamed(name, 'content-type')),
      { name: 'content-type', value: 'application/json' },
    ],
    body: query.body,
    graphql: { operation: 'query', fields: query.fields },
  }
}

// Rails, Laravel, Symfony and others take the method from a member of the body.
const METHOD_MEMBER = /^_(?:http)?method$/i

function declaredPost(request: PostedRequest): ReadingPost | string {
  const { headers, body } = request
  const overrides = 'its body names another method'
  const type = mediaType(request) ?? ''
  if (type.startsWith('multipart/')) return 'its body is multipart, in which a method can be hidden'
  const charset = foreignCharset(request)
  if (charset !== undefined)
    return `its body is said to be in ${JSON.stringify(charset.slice(0, 40))}, so the host cannot see what it asks for`
  if (body !== undefined) {
    const decoded = tryDecodeUtf8(body)
    if (decoded === undefined && /^$|json|urlencoded|^text\//.test(type))
      return 'its body is not UTF-8, so the host cannot see what it asks for'
    const text = decoded ?? ''
    // Whatever it says it is: a server may not ask.
    if (namesMethod(text)) return overrides
    if (/^\s*\{/.test(text)) {
      const json = tryParseStrictJson(body, { maxDepth: 256 })
      if (json === undefined) return 'its body is not plain JSON with every member named once'
      if (Object.keys(json as object).some((name) => METHOD_MEMBER.test(name))) return overrides
    }
  }
  return { headers, body }
}

function mediaType(request: PostedRequest): string | undefined {
  return headersOf(request, 'content-type')[0]?.split(';')[0]?.trim().toLowerCase()
}

// Those in which ASCII is ASCII: what the host looks for, a service finds nowhere else.
const CHARSETS: ReadonlySet<string> = new Set([
  'utf-8',
  'utf8',
  'us-ascii',
  'iso-8859-1',
  'windows-1252',
])

function foreignCharset(request: PostedRequest): string | undefined {
  const [type = ''] = headersOf(request, 'content-type')
  for (const [, charset = ''] of type.matchAll(/charset[^=;]*=\s*["']?([^;"'\s]*)/gi))
    if (!CHARSETS.has(charset.toLowerCase())) return charset
  return undefined
}

function headersOf({ headers }: PostedRequest, wanted: string): string[] {
  return headers.filter(({ name }) => isNamed(name, wanted)).map(({ value }) => value)
}

// What came after CGI cannot tell `content_type` from `content-type`.
function isNamed(name: string, wanted: string): boolean {
  return name.toLowerCase().replaceAll('_', '-') === wanted
}
