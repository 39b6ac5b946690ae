import { intersectPermissions } from '../permissions/algebra.ts'
import { type Access, type AccessRequest, readAccess } from '../permissions/access.ts'
import { compilePermissionSet, operationsOf } from '../permissions/compiled-set.ts'
import type { PermissionKind } from '../permissions/kinds.ts'
import { type Permission, type PermissionSet, permissionOf } from '../permissions/permission.ts'
import { readUrlPattern } from '../url/url-pattern.ts'

/** An access that happened, under the permission that allowed it. */
export interface UsedAccess {
  readonly permission: PermissionKind
  readonly request: AccessRequest
}

/** How {@link minimisePermissions} generalises. */
export interface MinimiseOptions {
  /** So many different names at one place of a path become `*`; fewer are listed. @default 4 */
  readonly distinct?: number
}

/**
 * The smallest permissions of `asked` that would have sufficed for `used`, in the order of `asked`.
 *
 * URLs are generalised where one more call would otherwise be refused: what looks like an id becomes `*`, and so does a place
 * that had many names. The result never allows what `asked` does not, and allows all of `used` that `asked` allows.
 */
export function minimisePermissions(
  asked: PermissionSet,
  used: readonly UsedAccess[],
  { distinct = 4 }: MinimiseOptions = {},
): Permission[] {
  return asked.flatMap((permission) => {
    const { kind } = permission
    const allowed = compilePermissionSet([withoutBodies(permission)])
    const accesses = used.flatMap(({ permission: under, request }) => {
      const access = under === kind ? readAccess(request) : 'another permission'
      return typeof access !== 'string' && allowed.allowsAs(kind, access)
        ? [{ request, access }]
        : []
    })
    if (accesses.length === 0) return []
    if (kind !== 'http:read' && kind !== 'http:write') return [narrowedByName(permission, accesses)]

    const plain = accesses.filter(({ access }) => kind === 'http:write' || isPlainRead(access))
    const urls = generalise(
      plain.map(({ request }) => String((request as { readonly url: unknown }).url)),
      distinct,
    )
    const posts = accesses.filter(({ access }) => kind === 'http:read' && !isPlainRead(access))
    const operations = operationsOf(permission).filter((operation) => {
      const one = compilePermissionSet([withoutBodies(permissionOf(kind, [], [operation]))])
      return posts.some(({ access }) => one.allowsAs('http:read', access))
    })
    // Within what was asked for: a generalised pattern must open nothing new.
    const proposal = intersectPermissions([permissionOf(kind, urls, operations)], [permission])
    // A path that no pattern can spell keeps the scope under which it was used.
    const covered = compilePermissionSet(proposal.map(withoutBodies))
    return accesses.every(({ access }) => covered.allowsAs(kind, access)) ? proposal : [permission]
  })
}

// The record of a POST has its address and not its body, so an operation is known by its address.
function withoutBodies(permission: Permission): Permission {
  if (permission.kind !== 'http:read' || permission.operations === undefined) return permission
  const operations = permission.operations.map(({ method, url }) => ({ method, url }))
  return permissionOf('http:read', permission.urls, operations)
}

function isPlainRead({ method }: Access): boolean {
  return method === 'GET' || method === 'HEAD'
}

function narrowedByName(
  permission: Permission,
  accesses: readonly { readonly request: AccessRequest }[],
): Permission {
  const names = new Set(
    accesses.flatMap(({ request }) => {
      switch (request.kind) {
        case 'vault':
          return [request.name]
        case 'data':
          return [request.collection]
        case 'event':
          return [request.topic]
        default:
          return []
      }
    }),
  )
  return permissionOf(permission.kind, [...names].sort())
}

/** URL patterns for `urls`: ids and places with many names become `*`. */
function generalise(urls: readonly string[], distinct: number): string[] {
  const shapes = new Map<string, string[][]>()
  for (const text of urls) {
    const url = new URL(text)
    const segments = url.pathname === '/' ? [] : url.pathname.split('/').slice(1).map(placeOf)
    const key = `${url.origin} ${segments.length}`
    const known = shapes.get(key)
    if (known === undefined) shapes.set(key, [segments])
    else known.push(segments)
  }
  return [...shapes].flatMap(([key, paths]) => {
    const origin = key.split(' ')[0] as string
    const merged = mergeFrom(paths, 0, distinct)
    return [...new Set(merged.map((segments) => `${origin}/${segments.join('/')}`))]
      .filter((text) => typeof readUrlPattern(text, { development: true }) !== 'string')
      .sort()
  })
}

/** `paths` of one length, with places that have many names replaced from left to right. */
function mergeFrom(paths: readonly string[][], at: number, distinct: number): string[][] {
  if (paths.length === 0 || at >= (paths[0] as string[]).length) return paths.slice(0, 1)
  const names = new Map<string, string[][]>()
  for (const path of paths) {
    const name = path[at] as string
    const known = names.get(name)
    if (known === undefined) names.set(name, [path])
    else known.push(path)
  }
  if (names.size < distinct)
    return [...names.values()].flatMap((group) => mergeFrom(group, at + 1, distinct))
  const starred = paths.map((path) => path.with(at, '*'))
  return mergeFrom(starred, at + 1, distinct)
}

// A number, a key with a number (ACME-12), a UUID or a long token names one thing of many; a version (v3, 2) does not.
function placeOf(segment: string): string {
  const isVersion = /^v?\d{1,2}$/i.test(segment)
  const isKey = /\d/.test(segment) && (segment.length > 2 || /^\d+$/.test(segment))
  return segment === '' || isVersion || !(isKey || segment.length > 32) ? segment : '*'
}
