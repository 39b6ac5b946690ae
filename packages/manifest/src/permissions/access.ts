import { readRequestUrl, type RequestUrl } from '../url/request-url.ts'
import type { Word } from './glob.ts'
import { tryReadName } from './name-pattern.ts'
import type { PermissionKind } from './kinds.ts'

/** What a guest wants to do, as the capability call states it. */
export type AccessRequest =
  | {
      readonly kind: 'http'
      readonly method: string
      readonly url: string | URL | RequestUrl
      /** The one permission that the request is made under. @default `http:read` for GET and HEAD, both for POST, else `http:write` */
      readonly through?: 'http:read' | 'http:write'
      /** What the host parsed from a GraphQL body; absent when it did not. */
      readonly graphql?: {
        readonly operation: 'query' | 'mutation' | 'subscription'
        readonly fields: readonly string[]
      }
    }
  | { readonly kind: 'storage'; readonly access: 'read' | 'write' }
  | { readonly kind: 'vault'; readonly access: 'read' | 'write'; readonly name: string }
  | { readonly kind: 'data'; readonly access: 'read' | 'write'; readonly collection: string }
  | { readonly kind: 'event'; readonly access: 'emit' | 'subscribe'; readonly topic: string }
  | { readonly kind: 'guest-auth' }

/** An access request taken apart: the permissions that would do, best first, and the word to match. */
export interface Access {
  readonly kinds: readonly PermissionKind[]
  readonly word: Word
  /** For messages: `POST https://acme.example/x`. */
  readonly shown: string
  readonly method: string
  readonly graphql: { readonly operation: string; readonly fields: readonly string[] } | undefined
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'QUERY'])

/** `request` taken apart, or why nothing could ever allow it. */
export function readAccess(request: AccessRequest): Access | string {
  switch (request.kind) {
    case 'http': {
      const { method } = request
      if (!METHODS.has(method))
        return `the method ${JSON.stringify(method.slice(0, 20))} is never sent`
      const url =
        typeof request.url === 'object' && 'word' in request.url
          ? request.url
          : readRequestUrl(request.url)
      if (typeof url === 'string') return `its URL is refused: ${url}`
      const able: readonly PermissionKind[] =
        method === 'GET' || method === 'HEAD' ? READS : method === 'POST' ? DECLARED_READS : WRITES
      const { through, graphql } = request
      if (through !== undefined && !able.includes(through)) return `${method} is never a ${through}`
      return {
        kinds: through === undefined ? able : through === 'http:read' ? READS : WRITES,
        word: url.word,
        shown: `${method} ${withoutQuery(url.href)}${graphql === undefined ? '' : describeGraphql(graphql)}`,
        method,
        graphql,
      }
    }
    case 'storage':
      return plain(`storage:${request.access}`, [], `storage:${request.access}`)
    case 'guest-auth':
      return plain('guest-auth', [], 'sign in to a service with an authorization of its own')
    case 'vault':
      return named(`vault:${request.access}`, request.name)
    case 'data':
      return named(`data:${request.access}`, request.collection)
    case 'event':
      return named(`event:${request.access}`, request.topic)
  }
}

function describeGraphql({ operation, fields }: NonNullable<Access['graphql']>): string {
  if (fields.length === 0) return ` (GraphQL ${operation})`
  const shown = fields.slice(0, 8).map((field) => field.slice(0, 64))
  const more = fields.length > 8 ? ', …' : ''
  return ` (GraphQL ${operation}: ${shown.join(', ')}${more})`
}

const READS: readonly PermissionKind[] = ['http:read']
const DECLARED_READS: readonly PermissionKind[] = ['http:read', 'http:write']
const WRITES: readonly PermissionKind[] = ['http:write']

function named(kind: PermissionKind, name: string): Access | string {
  const word = tryReadName(name)
  return word === undefined
    ? `${JSON.stringify(name.slice(0, 80))} is no name`
    : plain(kind, word, `${kind} ${name}`)
}

function plain(kind: PermissionKind, word: Word, shown: string): Access {
  return { kinds: [kind], word, shown, method: '', graphql: undefined }
}

// A query may hold what a person typed or a secret; a message is kept and shown in more places than the request.
function withoutQuery(href: string): string {
  const end = href.indexOf('?')
  return end === -1 ? href : `${href.slice(0, end)}?…`
}
