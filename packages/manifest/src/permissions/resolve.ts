import type { JsonObject } from '@morphee/core'
import type { Manifest } from '../manifest.ts'
import { defaultsOf } from '../schema/defaults.ts'
import { fillOriginTemplate } from '../url/origin-template.ts'
import { formatUrlPattern, parseUrlPattern } from '../url/url-pattern.ts'
import { fillUrlTemplate } from '../url/url-template.ts'
import { ManifestError } from '../errors.ts'
import { graphqlOverlaps } from './graphql-overlap.ts'
import type { HttpOperation, Permission } from './permission.ts'

/**
 * The permissions that `manifest` asks for with `{config.x}` filled in from `config` and, where that is silent, from the schema's defaults.
 *
 * @throws {@link ManifestError} `ERR_CONFIG_UNUSABLE`, `ERR_URL_PATTERN_INVALID`
 */
export function resolvePermissions(manifest: Manifest, config: JsonObject): Permission[] {
  const settings = withDefaults(manifest, config)
  return manifest.permissions.map((request) => {
    const { reason: _reason, optional: _optional, ...permission } = request
    if (permission.kind !== 'http:read' && permission.kind !== 'http:write') return permission
    const urls = permission.urls.map((url) => resolveUrl(url, settings))
    if (permission.operations === undefined) return { kind: permission.kind, urls }
    const operations = permission.operations.map((operation) => ({
      ...operation,
      url: resolveUrl(operation.url, settings),
    }))
    assertOneWay(urls, operations)
    return { kind: permission.kind, urls, operations }
  })
}

// Two settings that are the same, or one that is what the author wrote elsewhere, can make patterns meet that did not.
function assertOneWay(urls: readonly string[], operations: readonly HttpOperation[]): void {
  const [overlap] = graphqlOverlaps(urls, operations)
  if (overlap === undefined) return
  const url = operations[overlap.operation]?.url ?? ''
  throw new ManifestError(
    'ERR_URL_PATTERN_INVALID',
    `Cannot use these settings: ${url} takes GraphQL queries only, and ${overlap.other} reaches it too`,
    { pattern: url },
  )
}

/**
 * The origins that the credential `name` of `manifest` goes to, settings filled in.
 *
 * @throws {@link ManifestError} `ERR_CONFIG_UNUSABLE`
 */
export function resolveAudience(manifest: Manifest, name: string, config: JsonObject): string[] {
  const credential = Object.hasOwn(manifest.credentials, name)
    ? manifest.credentials[name]
    : undefined
  const settings = withDefaults(manifest, config)
  return (credential?.audience ?? []).map((origin) => fillOriginTemplate(origin, settings))
}

/** `config` over the defaults of the manifest's config schema. */
export function withDefaults(manifest: Manifest, config: JsonObject): JsonObject {
  return Object.fromEntries([
    ...Object.entries(defaultsOf(manifest.config)),
    ...Object.entries(config),
  ])
}

// Whether http to loopback may be asked for was decided when the manifest was checked.
function resolveUrl(template: string, settings: JsonObject): string {
  return formatUrlPattern(
    parseUrlPattern(fillUrlTemplate(template, settings), { development: true }),
  )
}
