import type { JsonObject, JsonValue } from '@morphee/core'
import { type PermissionKind, SCOPE_OF, tryParsePermissionKind } from '../permissions/kinds.ts'
import { readNamePattern } from '../permissions/name-pattern.ts'
import {
  type HttpOperation,
  type Permission,
  permissionOf,
  type PermissionRequest,
} from '../permissions/permission.ts'
import { graphqlOverlaps } from '../permissions/graphql-overlap.ts'
import { faultOfUrlTemplate, sampleOfUrlTemplate } from '../url/url-template.ts'
import type { CheckContext } from './check-manifest.ts'
import type { Path } from './diagnostics.ts'
import { describe, memberOf } from './shape.ts'
import { quoted } from './quoted.ts'

/** Most scopes of one permission. */
export const MAX_SCOPES = 1000

/** The permissions of a manifest: a list of names, or of one name with its scope. */
export function checkPermissions(
  value: JsonValue,
  path: Path,
  context: CheckContext,
): PermissionRequest[] {
  const requests: PermissionRequest[] = []
  for (const [i, item] of (context.shape.list(value, path, 50) ?? []).entries()) {
    const at = [...path, i]
    const named = nameOf(item)
    if (named === undefined) {
      context.report(
        at,
        `must be the name of a permission, or one name with its scope, not ${describe(item)}`,
      )
      continue
    }
    const [name, body] = named
    const kind = tryParsePermissionKind(name)
    const place = body === undefined ? at : [...at, name]
    if (kind === undefined) context.report(place, `unknown permission ${quoted(name)}`)
    else if (!context.supports.has(kind))
      context.report(place, `the permission ${kind} is not supported yet`)
    else if (requests.some((request) => request.kind === kind))
      context.report(place, `${kind} is asked for twice; put its scopes together`)
    else {
      const request = checkPermission(kind, body, place, context)
      if (request !== undefined) requests.push(request)
    }
  }
  return requests
}

function nameOf(item: JsonValue): [name: string, body: JsonValue | undefined] | undefined {
  if (typeof item === 'string') return [item, undefined]
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined
  const entries = Object.entries(item as JsonObject)
  return entries.length === 1 ? entries[0] : undefined
}

function checkPermission(
  kind: PermissionKind,
  body: JsonValue | undefined,
  path: Path,
  context: CheckContext,
): PermissionRequest | undefined {
  const { shape } = context
  const object = scopeObject(kind, body, path, context, ['reason', 'optional'])
  if (object === undefined) return undefined
  const reason = memberOf(object, 'reason')
  const checkedReason =
    reason === undefined ? undefined : shape.text(reason, [...path, 'reason'], 200)
  const optional = memberOf(object, 'optional')
  const isOptional =
    optional === undefined ? undefined : shape.boolean(optional, [...path, 'optional'])
  return {
    ...readScope(kind, object, path, context),
    ...(checkedReason === undefined ? {} : { reason: checkedReason }),
    ...(isOptional === undefined ? {} : { optional: isOptional }),
  }
}

/** A permission of `kind` with nothing but its scope, as a grant or a policy names it. */
export function checkScopedPermission(
  kind: PermissionKind,
  body: JsonValue | undefined,
  path: Path,
  context: CheckContext,
): Permission | undefined {
  const object = scopeObject(kind, body, path, context, [])
  return object === undefined ? undefined : readScope(kind, object, path, context)
}

function scopeObject(
  kind: PermissionKind,
  body: JsonValue | undefined,
  path: Path,
  { shape }: CheckContext,
  further: readonly string[],
): JsonObject | undefined {
  const scope = SCOPE_OF[kind]
  const known = [
    ...(scope === null ? [] : [scope]),
    ...(kind === 'http:read' ? ['operations'] : []),
    ...further,
  ]
  return body === undefined ? {} : shape.object(body, path, known)
}

function readScope(
  kind: PermissionKind,
  object: JsonObject,
  path: Path,
  context: CheckContext,
): Permission {
  const given = memberOf(object, 'operations')
  const operations = checkOperations(given, [...path, 'operations'], context)
  const scope = SCOPE_OF[kind]
  if (scope === null) return permissionOf(kind, [], operations)
  const at = [...path, scope]
  const mayBeEmpty = Array.isArray(given) && given.length > 0
  const scopes = checkScopes(scope, memberOf(object, scope), at, context, mayBeEmpty)
  if (scope === 'urls') checkOneWay(scopes, operations, [...path, 'operations'], context)
  return permissionOf(kind, scopes, operations)
}

function checkScopes(
  scope: 'urls' | 'names' | 'collections' | 'topics',
  value: JsonValue | undefined,
  path: Path,
  context: CheckContext,
  mayBeEmpty: boolean,
): string[] {
  if (value === undefined && mayBeEmpty) return []
  const list = context.shape.list(value, path, MAX_SCOPES)
  if (list === undefined) return []
  if (list.length === 0 && !mayBeEmpty)
    context.report(path, 'must name at least one; nothing is allowed by an empty list')
  const scopes: string[] = []
  for (const [i, item] of list.entries()) {
    const text = context.shape.string(item, [...path, i])
    if (text === undefined) continue
    const fault = scope === 'urls' ? urlFault(text, context) : nameFault(text)
    if (fault !== undefined) context.report([...path, i], `${quoted(text)}: ${fault}`)
    else if (scopes.includes(text)) context.report([...path, i], `${quoted(text)} is listed twice`)
    else scopes.push(text)
  }
  return scopes
}

function checkOperations(
  value: JsonValue | undefined,
  path: Path,
  context: CheckContext,
): HttpOperation[] {
  if (value === undefined) return []
  if (!context.supports.has('http:read operations')) {
    context.report(path, 'operations under http:read are not supported yet')
    return []
  }
  const { shape } = context
  const operations: HttpOperation[] = []
  for (const [i, item] of (shape.list(value, path, 100) ?? []).entries()) {
    const at = [...path, i]
    const object = shape.object(item, at, ['method', 'url', 'graphql', 'fields'])
    if (object === undefined) continue
    const method = shape.oneOf(memberOf(object, 'method'), [...at, 'method'], ['POST'])
    const url = shape.string(memberOf(object, 'url'), [...at, 'url'])
    const fault = url === undefined ? undefined : urlFault(url, context)
    if (fault !== undefined) {
      context.report([...at, 'url'], `${quoted(url as string)}: ${fault}`)
      continue
    }
    const asGraphql = memberOf(object, 'graphql')
    const graphql =
      asGraphql === undefined ? undefined : shape.oneOf(asGraphql, [...at, 'graphql'], ['query'])
    const fields = checkFields(
      memberOf(object, 'fields'),
      [...at, 'fields'],
      context,
      graphql !== undefined,
    )
    if (method === undefined || url === undefined) continue
    operations.push({
      method,
      url,
      ...(graphql === undefined ? {} : { graphql }),
      ...(fields === undefined ? {} : { fields }),
    })
  }
  return operations
}

// The places of faulty operations are not counted, and there is a fault to mend first.
function checkOneWay(
  urls: readonly string[],
  operations: readonly HttpOperation[],
  path: Path,
  context: CheckContext,
): void {
  const sampled = operations.map((operation) => ({
    ...operation,
    url: sampleOfUrlTemplate(operation.url),
  }))
  for (const { operation, other } of graphqlOverlaps(urls.map(sampleOfUrlTemplate), sampled)) {
    const fault = `takes GraphQL queries only, and ${quoted(other)} reaches it too`
    context.report(
      [...path, operation, 'url'],
      `${quoted(operations[operation]?.url ?? '')} ${fault}`,
    )
  }
}

function checkFields(
  value: JsonValue | undefined,
  path: Path,
  context: CheckContext,
  graphql: boolean,
): string[] | undefined {
  if (value === undefined) return undefined
  if (!graphql) context.report(path, 'means something only beside graphql: query')
  const fields: string[] = []
  const list = context.shape.list(value, path, 200) ?? []
  if (list.length === 0)
    context.report(path, 'must name at least one; leave it out to allow every field')
  for (const [i, item] of list.entries()) {
    if (typeof item === 'string' && /^[_A-Za-z]\w{0,127}$/.test(item)) fields.push(item)
    else context.report([...path, i], 'must be the name of a GraphQL field')
  }
  return fields
}

function urlFault(text: string, context: CheckContext): string | undefined {
  return faultOfUrlTemplate(text, context.config, { development: context.development })
}

function nameFault(text: string): string | undefined {
  const glob = readNamePattern(text)
  return typeof glob === 'string' ? glob : undefined
}
