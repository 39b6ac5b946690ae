import type { JsonObject } from '@morphee/core'
import { type Manifest, resolveAudience } from '@morphee/manifest'

/** A manifest with the settings that fill it in. */
export interface Configured {
  readonly manifest: Manifest
  readonly config: JsonObject
}

/**
 * Whether a credential that was entered for `before` could go anywhere else under `after`.
 *
 * A person entered it for the origins they saw; for others, or to be sent in another way, it is asked for again.
 */
export function credentialsReachFurther(before: Configured, after: Configured): boolean {
  return Object.entries(after.manifest.credentials).some(([name, spec]) => {
    const earlier = Object.hasOwn(before.manifest.credentials, name)
      ? before.manifest.credentials[name]
      : undefined
    if (earlier === undefined) return false
    if (earlier.kind !== spec.kind) return true
    const known = new Set(resolveAudience(before.manifest, name, before.config))
    return resolveAudience(after.manifest, name, after.config).some((origin) => !known.has(origin))
  })
}
