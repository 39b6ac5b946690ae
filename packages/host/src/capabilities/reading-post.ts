import type { HttpDeclaration } from '@morphee/manifest'
import { tryDecodeUtf8, tryParseStrictJson } from '@morphee/core'
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
  if (headerOf(request, 'content-encoding') !== undefined)
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
  if (body !== undefined) {
    const decoded = tryDecodeUtf8(body)
    if (decoded === undefined && /^$|json|urlencoded|^text\//.test(type))
      return 'its body is not UTF-8, so the host cannot see what it asks for'
    const text = decoded ?? ''
    // Whatever it says it is: a server may not ask.
    for (const name of new URLSearchParams(text).keys())
      if (METHOD_MEMBER.test(name)) return overrides
    if (/^\s*\{/.test(text)) {
      const json = tryParseStrictJson(body, { maxDepth: 256 })
      if (json === undefined) return 'its body is not plain JSON with every member named once'
      if (Object.keys(json as object).some((name) => METHOD_MEMBER.test(name))) return overrides
    }
  }
  return { headers, body }
}

function mediaType(request: PostedRequest): string | undefined {
  return headerOf(request, 'content-type')?.split(';')[0]?.trim().toLowerCase()
}

// Two fields of one name are one list to a server; none of those that are looked for here is a list.
function headerOf({ headers }: PostedRequest, wanted: string): string | undefined {
  const values = headers.filter(({ name }) => isNamed(name, wanted)).map(({ value }) => value)
  return values.length === 0 ? undefined : values.join(', ')
}

// What came after CGI cannot tell `content_type` from `content-type`.
function isNamed(name: string, wanted: string): boolean {
  return name.toLowerCase().replaceAll('_', '-') === wanted
}
