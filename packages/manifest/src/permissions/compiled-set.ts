import { ManifestError } from '../errors.ts'
import { readRequestUrl } from '../url/request-url.ts'
import { parseUrlPattern } from '../url/url-pattern.ts'
import { type Access, type AccessRequest, readAccess } from './access.ts'
import type { Glob } from './glob.ts'
import { GlobTrie } from './glob-trie.ts'
import { PERMISSION_KINDS, type PermissionKind, SCOPE_OF } from './kinds.ts'
import { readNamePattern } from './name-pattern.ts'
import { type HttpOperation, type Permission, type PermissionSet, scopesOf } from './permission.ts'

interface CompiledOperation {
  readonly operation: HttpOperation
  readonly urls: GlobTrie
}

interface CompiledKind {
  readonly scope: GlobTrie
  readonly operations: readonly CompiledOperation[]
}

/** How a POST counts as reading: as a GraphQL query that the host reads, or because the author says so. */
export type HttpDeclaration = 'graphql' | 'declared'

/** A permission set made fast: a check costs the same with one pattern and with a thousand. */
export class CompiledPermissionSet {
  readonly #kinds = new Map<PermissionKind, CompiledKind>()

  constructor(permissions: PermissionSet) {
    for (const kind of PERMISSION_KINDS) {
      const own = permissions.filter((permission) => permission.kind === kind)
      if (own.length === 0) continue
      this.#kinds.set(kind, {
        scope: new GlobTrie(own.flatMap(globsOf)),
        operations: own.flatMap(operationsOf).map((operation) => ({
          operation,
          urls: new GlobTrie([parseUrlPattern(operation.url, DEVELOPMENT).glob]),
        })),
      })
    }
  }

  /** Whether anything at all of `kind` is in the set. */
  has(kind: PermissionKind): boolean {
    return this.#kinds.has(kind)
  }

  /** Whether the set allows `request`. What {@link readAccess} cannot read is allowed by nothing. */
  allows(request: AccessRequest): boolean {
    const access = readAccess(request)
    return typeof access !== 'string' && access.kinds.some((kind) => this.allowsAs(kind, access))
  }

  /** How the set's `http:read` declares a POST to `url` as reading, if it does. */
  declaresPost(url: string): HttpDeclaration | undefined {
    const request = readRequestUrl(url)
    if (typeof request === 'string') return undefined
    const here = this.#kinds
      .get('http:read')
      ?.operations.filter(({ urls }) => urls.allows(request.word))
    if (here === undefined || here.length === 0) return undefined
    return here.some(({ operation }) => operation.graphql !== undefined) ? 'graphql' : 'declared'
  }

  /** Whether the set's permission of `kind` allows `access`. */
  allowsAs(kind: PermissionKind, access: Access): boolean {
    const compiled = this.#kinds.get(kind)
    if (compiled === undefined) return false
    // A method other than GET and HEAD reads only where the manifest declared that it does.
    if (kind === 'http:read' && access.method !== 'GET' && access.method !== 'HEAD') {
      return compiled.operations.some(
        ({ operation, urls }) => operationAllows(operation, access) && urls.allows(access.word),
      )
    }
    return compiled.scope.allows(access.word)
  }
}

const compiledSets = new WeakMap<PermissionSet, CompiledPermissionSet>()

/**
 * `permissions` laid out for {@link CompiledPermissionSet.allows}; the same array is compiled once. Never change it afterwards.
 *
 * @throws {@link ManifestError} `ERR_URL_PATTERN_INVALID` when a scope is no pattern, or still has a placeholder
 */
export function compilePermissionSet(permissions: PermissionSet): CompiledPermissionSet {
  let compiled = compiledSets.get(permissions)
  if (compiled === undefined) {
    compiled = new CompiledPermissionSet(permissions)
    compiledSets.set(permissions, compiled)
  }
  return compiled
}

// Whether http to loopback may be asked for was decided when the manifest was parsed; here the pattern is only matched.
const DEVELOPMENT = { development: true }

/** The scope of a permission as globs; one empty glob where there is nothing to limit. */
export function globsOf(permission: Permission): Glob[] {
  const member = SCOPE_OF[permission.kind]
  if (member === null) return [{ letters: [], tail: undefined }]
  return scopesOf(permission).map((text) => {
    if (member === 'urls') return parseUrlPattern(text, DEVELOPMENT).glob
    const glob = readNamePattern(text)
    if (typeof glob !== 'string') return glob
    throw new ManifestError(
      'ERR_URL_PATTERN_INVALID',
      `Cannot use the name pattern ${JSON.stringify(text.slice(0, 80))}: ${glob}`,
      {
        pattern: text.slice(0, 80),
      },
    )
  })
}

/** What `permission` declares as reading. */
export function operationsOf(permission: Permission): readonly HttpOperation[] {
  return permission.kind === 'http:read' ? (permission.operations ?? []) : []
}

function operationAllows(operation: HttpOperation, access: Access): boolean {
  if (access.method !== operation.method) return false
  if (operation.graphql === undefined) return true
  const { graphql } = access
  if (graphql?.operation !== operation.graphql) return false
  return (
    operation.fields === undefined ||
    graphql.fields.every((field) => operation.fields?.includes(field))
  )
}
