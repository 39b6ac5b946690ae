// What allows and what forbids are no mirror images. A permission allows what it names, as it is spelled. A `deny` or an `ask` at
// the same permission holds for every way that leads to the same place, because its author thought of the place.
import type { Access } from './access.ts'
import { globsOf, operationsOf } from './compiled-set.ts'
import { foldGlob, foldWord } from './fold-path.ts'
import { GlobTrie } from './glob-trie.ts'
import { type HttpOperation, type Permission, permissionOf } from './permission.ts'

interface Restriction {
  readonly scope: GlobTrie
  readonly operations: readonly { readonly operation: HttpOperation; readonly urls: GlobTrie }[]
}

const restrictions = new WeakMap<Permission, Restriction>()

/**
 * Whether a restriction at `permission` meets `access`, made under a permission of the same kind.
 *
 * A path is compared in every spelling that a service may take for it. A URL under `http:read` is restricted for GET, HEAD and the
 * POSTs that are declared as reading there; an operation for POST alone, with `fields` for each query that has one of them.
 */
export function restricts(permission: Permission, access: Access): boolean {
  const { scope, operations } = restrictionOf(permission)
  const word = foldWord(access.word)
  return (
    scope.allows(word) ||
    operations.some(({ operation, urls }) => operationMeets(operation, access) && urls.allows(word))
  )
}

/** The POSTs that a restriction at the URLs of `permission` holds for too, as operations of `http:read`. */
export function postsAt(permission: Permission): readonly HttpOperation[] {
  return permission.kind === 'http:read'
    ? permission.urls.map((url) => ({ method: 'POST', url }))
    : []
}

function restrictionOf(permission: Permission): Restriction {
  let restriction = restrictions.get(permission)
  if (restriction === undefined) {
    restriction = {
      scope: new GlobTrie(globsOf(permission).map(foldGlob)),
      operations: operationsOf(permission).map((operation) => ({
        operation,
        urls: new GlobTrie(globsOf(permissionOf('http:read', [operation.url])).map(foldGlob)),
      })),
    }
    restrictions.set(permission, restriction)
  }
  return restriction
}

function operationMeets(
  { method, fields }: HttpOperation,
  { method: sent, graphql }: Access,
): boolean {
  if (sent !== method) return false
  // Only a query that the host has read is known to leave the fields alone.
  if (fields === undefined || graphql?.operation !== 'query') return true
  return graphql.fields.some((field) => fields.includes(field))
}
