import type { JsonValue } from '@morphee/core'
import { LIMIT_KEYS, LIMITS, type ManifestLimits, readLimit } from '../limits.ts'
import type { Path } from './diagnostics.ts'
import { memberOf, type Shape } from './shape.ts'

/** Limits by the names that people write, `memory: 64 MiB`, in bytes, milliseconds and counts. */
export function checkLimits(
  value: JsonValue,
  path: Path,
  shape: Shape,
): ManifestLimits | undefined {
  const object = shape.object(
    value,
    path,
    LIMIT_KEYS.map((key) => LIMITS[key].name),
  )
  if (object === undefined) return undefined
  const limits: { -readonly [Key in keyof ManifestLimits]: ManifestLimits[Key] } = {}
  for (const key of LIMIT_KEYS) {
    const { name, unit } = LIMITS[key]
    const asked = memberOf(object, name)
    if (asked === undefined) continue
    const limit = readLimit(asked, unit)
    if (typeof limit === 'number') limits[key] = limit
    else shape.report([...path, name], limit.fault)
  }
  return limits
}
