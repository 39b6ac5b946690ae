import type { JsonObject } from '@morphee/core'
import type { Manifest } from '@morphee/manifest'
import { HostError } from '../errors.ts'

/**
 * Holds what somebody enters against the credential that the manifest declares: every field, and no other.
 *
 * @throws `ERR_HOST_CREDENTIAL_UNKNOWN`, `ERR_HOST_ARGUMENT`
 */
export function assertDeclaredCredential(
  manifest: Manifest,
  name: string,
  fields: JsonObject,
): void {
  const spec = Object.hasOwn(manifest.credentials, name) ? manifest.credentials[name] : undefined
  if (spec === undefined) {
    const shown = name.slice(0, 100)
    throw new HostError(
      'ERR_HOST_CREDENTIAL_UNKNOWN',
      `Cannot connect "${manifest.name}": it declares no credential "${shown}"`,
      { credential: shown },
    )
  }
  const wanted = Object.keys(spec.fields)
  const missing = wanted.find((field) => typeof fields[field] !== 'string' || fields[field] === '')
  const extra = Object.keys(fields).find((field) => !wanted.includes(field))
  const argument = missing ?? extra
  if (argument === undefined) return
  const accepted = wanted.join(', ')
  throw new HostError(
    'ERR_HOST_ARGUMENT',
    `Cannot connect "${manifest.name}": credential "${name}" has the fields ${accepted}`,
    { argument, accepted },
  )
}
