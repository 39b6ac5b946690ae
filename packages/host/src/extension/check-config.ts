import type { JsonObject, JsonValue } from '@morphee/core'
import { defaultsOf } from '@morphee/manifest'
import { HostError } from '../errors.ts'
import type { CompiledArtifact } from './compiled-artifact.ts'

/**
 * Settings with defaults filled in, checked against the manifest's config schema.
 *
 * @throws `ERR_HOST_CONFIG_INVALID`
 */
export function checkConfig(
  artifact: Pick<CompiledArtifact, 'manifest' | 'configSchema'>,
  given: JsonObject,
): JsonObject {
  const { manifest, configSchema } = artifact
  if (configSchema === undefined || manifest.config === undefined) {
    const names = Object.keys(given)
    if (names.length === 0) return {}
    throw invalid(
      manifest.name,
      names.map((name) => ({ path: `/${name}`, message: 'the extension has no settings' })),
    )
  }
  const config: Record<string, JsonValue> = { ...defaultsOf(manifest.config), ...given }
  const known = Object.keys((manifest.config['properties'] ?? {}) as JsonObject)
  const unknown = Object.keys(config).filter((name) => !known.includes(name))
  const issues = [
    ...unknown.map((name) => ({
      path: `/${name}`,
      message: `there is no such setting; there is ${known.join(', ')}`,
    })),
    ...configSchema
      .validate(config)
      .filter(({ pointer }) => !unknown.some((name) => pointer === `/${name}`))
      .map(({ pointer, message }) => ({ path: pointer, message })),
  ]
  if (issues.length > 0) throw invalid(manifest.name, issues)
  return config
}

function invalid(
  name: string,
  issues: readonly { path: string; message: string }[],
): HostError<'ERR_HOST_CONFIG_INVALID'> {
  return new HostError('ERR_HOST_CONFIG_INVALID', `Cannot use these settings for "${name}"`, {
    issues,
  })
}
