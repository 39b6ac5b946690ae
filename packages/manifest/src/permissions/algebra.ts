import { canonicalJson, type JsonValue } from '@morphee/core'
import { fromGlob, parseUrlPattern } from '../url/url-pattern.ts'
import type { AccessRequest } from './access.ts'
import { compilePermissionSet, globsOf, operationsOf } from './compiled-set.ts'
import { type Glob, globsCover, intersectGlobs } from './glob.ts'
import { PERMISSION_KINDS, type PermissionKind, SCOPE_OF } from './kinds.ts'
import { formatNamePattern } from './name-pattern.ts'
import {
  type HttpOperation,
  type Permission,
  type PermissionSet,
  permissionOf,
} from './permission.ts'

/** Whether `permissions` allow `request`. */
export function permissionsAllow(permissions: PermissionSet, request: AccessRequest): boolean {
  return compilePermissionSet(permissions).allows(request)
}

/** Whether everything that `smaller` allows is allowed by `larger`. */
export function permissionsCover(larger: PermissionSet, smaller: PermissionSet): boolean {
  return subtractPermissions(smaller, larger).length === 0
}

/** The permissions for exactly what both allow. */
export function intersectPermissions(a: PermissionSet, b: PermissionSet): Permission[] {
  const result: Permission[] = []
  for (const kind of PERMISSION_KINDS) {
    const left = ofKind(a, kind)
    const right = ofKind(b, kind)
    if (left === undefined || right === undefined) continue
    const globs = left.globs.flatMap((x) => right.globs.flatMap((y) => intersectGlobs(x, y) ?? []))
    const operations = left.operations.flatMap((x) =>
      right.operations.flatMap((y) => intersectOperations(x, y) ?? []),
    )
    if (globs.length > 0 || operations.length > 0) {
      result.push(permissionOf(kind, textsOf(kind, globs), distinct(operations)))
    }
  }
  return result
}

/** A part of a permission set: what `permission` allows and none of `except`, which is of the same kind, does. */
export interface PermissionRegion {
  readonly permission: Permission
  readonly except: readonly string[]
}

/**
 * What `from` allows beyond `less`: empty exactly when `less` covers `from`.
 *
 * One region per scope or operation that is not covered; a request is in a region when its permission allows it and no scope of `except` does.
 */
export function subtractPermissions(from: PermissionSet, less: PermissionSet): PermissionRegion[] {
  const regions: PermissionRegion[] = []
  for (const kind of PERMISSION_KINDS) {
    const left = ofKind(from, kind)
    if (left === undefined) continue
    const right = ofKind(less, kind) ?? { globs: [], operations: [] }
    for (const glob of left.globs) {
      if (globsCover(right.globs, glob)) continue
      const meets = right.globs.flatMap((other) => intersectGlobs(other, glob) ?? [])
      regions.push({
        permission: permissionOf(kind, textsOf(kind, [glob])),
        except: textsOf(kind, meets),
      })
    }
    for (const operation of left.operations) {
      if (operationCovered(right.operations, operation)) continue
      regions.push({ permission: permissionOf(kind, [], [operation]), except: [] })
    }
  }
  return regions
}

interface OfKind {
  readonly globs: readonly Glob[]
  readonly operations: readonly HttpOperation[]
}

function ofKind(permissions: PermissionSet, kind: PermissionKind): OfKind | undefined {
  const own = permissions.filter((permission) => permission.kind === kind)
  return own.length === 0
    ? undefined
    : { globs: own.flatMap(globsOf), operations: own.flatMap(operationsOf) }
}

function textsOf(kind: PermissionKind, globs: readonly Glob[]): string[] {
  const member = SCOPE_OF[kind]
  if (member === null) return []
  return [
    ...new Set(
      globs.map((glob) => (member === 'urls' ? fromGlob(glob).text : formatNamePattern(glob))),
    ),
  ]
}

function globOf(operation: HttpOperation): Glob {
  return parseUrlPattern(operation.url, { development: true }).glob
}

// A request with several fields may be allowed by no single operation of a union, so operations are grouped by what else they ask for.
function operationCovered(larger: readonly HttpOperation[], smaller: HttpOperation): boolean {
  const able = larger.filter((operation) => {
    if (operation.method !== smaller.method) return false
    if (operation.graphql === undefined) return true
    if (operation.graphql !== smaller.graphql) return false
    if (operation.fields === undefined) return true
    return (
      smaller.fields !== undefined &&
      smaller.fields.every((field) => operation.fields?.includes(field))
    )
  })
  return globsCover(able.map(globOf), globOf(smaller))
}

function intersectOperations(a: HttpOperation, b: HttpOperation): HttpOperation | undefined {
  const glob = intersectGlobs(globOf(a), globOf(b))
  if (glob === undefined || a.method !== b.method) return undefined
  const graphql = a.graphql ?? b.graphql
  const fields =
    a.fields === undefined
      ? b.fields
      : b.fields === undefined
        ? a.fields
        : a.fields.filter((field) => b.fields?.includes(field))
  return {
    method: a.method,
    url: fromGlob(glob).text,
    ...(graphql === undefined ? {} : { graphql }),
    ...(fields === undefined ? {} : { fields }),
  }
}

function distinct(operations: readonly HttpOperation[]): HttpOperation[] {
  return [
    ...new Map(
      operations.map((operation) => [canonicalJson(operation as unknown as JsonValue), operation]),
    ).values(),
  ]
}
