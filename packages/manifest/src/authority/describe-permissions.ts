import type { JsonObject } from '@morphee/core'
import { formatLimit, LIMIT_KEYS, LIMITS } from '../limits.ts'
import type { Manifest } from '../manifest.ts'
import type { PermissionKind } from '../permissions/kinds.ts'
import { type Permission, scopesOf } from '../permissions/permission.ts'
import { resolveAudience, resolvePermissions } from '../permissions/resolve.ts'
import { PERMISSION_TITLES } from './permission-titles.ts'

/**
 * What a dialog must set apart: `red` is dangerous in itself, `may-carry-data` can take what the extension knows to a service, and
 * with `declared-as-reading` it is the author who says that a POST changes nothing. GraphQL queries are read by the host and have no such flag.
 */
export type DialogFlag = 'red' | 'may-carry-data' | 'declared-as-reading' | 'above-default'

/** One line of the permission dialog. Texts under `reason` and in titles of credentials are the author's: data, to be quoted. */
export interface DialogLine {
  readonly subject: 'permission' | 'credential' | 'limit'
  /** Permission kind, name of the credential, or name of the limit. */
  readonly name: string
  /** In the host's own words. */
  readonly title: string
  /** Filled-in URL patterns, names, collections, topics or origins. */
  readonly scopes: readonly string[]
  /** The author's reason. */
  readonly reason?: string
  readonly optional: boolean
  readonly flags: readonly DialogFlag[]
}

const RED: ReadonlySet<PermissionKind> = new Set(['guest-auth', 'vault:read', 'vault:write'])

/**
 * What a person is asked before an extension is installed: every permission, every credential, every limit above its default,
 * with settings filled in.
 *
 * @throws {@link ManifestError} `ERR_CONFIG_UNUSABLE`, `ERR_URL_PATTERN_INVALID`
 */
export function describePermissions(manifest: Manifest, config: JsonObject): DialogLine[] {
  const resolved = resolvePermissions(manifest, config)
  const lines: DialogLine[] = manifest.permissions.map((request, i) => ({
    subject: 'permission',
    name: request.kind,
    title: PERMISSION_TITLES[request.kind],
    scopes: describeScopes(resolved[i] as Permission),
    ...(request.reason === undefined ? {} : { reason: request.reason }),
    optional: request.optional === true,
    flags: flagsOf(request),
  }))
  for (const name of Object.keys(manifest.credentials)) {
    const scopes = resolveAudience(manifest, name, config)
    lines.push({
      subject: 'credential',
      name,
      title: 'Sign in for you',
      scopes,
      optional: false,
      flags: [],
    })
  }
  for (const key of LIMIT_KEYS) {
    const asked = manifest.limits[key]
    const { name, unit, default: usual } = LIMITS[key]
    if (asked === undefined || asked <= usual) continue
    const title = `Use up to ${formatLimit(asked, unit)} for ${name} (usually ${formatLimit(usual, unit)})`
    lines.push({
      subject: 'limit',
      name,
      title,
      scopes: [],
      optional: false,
      flags: ['above-default'],
    })
  }
  return lines
}

/** The scopes of a permission for people, requests that are declared as reading included. */
export function describeScopes(permission: Permission): string[] {
  const operations = permission.kind === 'http:read' ? (permission.operations ?? []) : []
  return [
    ...scopesOf(permission),
    ...operations.map(({ method, url, graphql, fields }) => {
      const what =
        graphql === undefined
          ? ' (declared as reading)'
          : ` (GraphQL ${graphql}${fields === undefined ? '' : `: ${fields.join(', ')}`})`
      return `${method} ${url}${what}`
    }),
  ]
}

function flagsOf(permission: Permission): DialogFlag[] {
  const flags: DialogFlag[] = []
  if (RED.has(permission.kind)) flags.push('red')
  // A GET bounds the method, not the consequence: a URL can carry anything the extension has read.
  if (permission.kind === 'http:read' || permission.kind === 'http:write')
    flags.push('may-carry-data')
  const operations = permission.kind === 'http:read' ? (permission.operations ?? []) : []
  if (operations.some(({ graphql }) => graphql === undefined)) flags.push('declared-as-reading')
  return flags
}
