import type { Digest } from '@morphee/core'
import { HostError } from '../errors.ts'
import type { Principal } from '../invocation/principal.ts'

/** Nothing of this name is installed. */
export function notInstalled(extension: string): HostError<'ERR_HOST_NOT_INSTALLED'> {
  const shown = extension.slice(0, 100)
  return new HostError(
    'ERR_HOST_NOT_INSTALLED',
    `Cannot find "${shown}": it is not installed in this workspace`,
    { extension: shown },
  )
}

/** A yes is missing, or was given to something else. */
export function consentRequired(
  extension: string,
  reason: string,
): HostError<'ERR_HOST_CONSENT_REQUIRED'> {
  return new HostError('ERR_HOST_CONSENT_REQUIRED', `Cannot install "${extension}": ${reason}`, {
    extension,
    reason,
  })
}

/** The stored bytes are not those that their digest names. */
export function corrupt(digest: Digest): HostError<'ERR_HOST_ARTIFACT_CORRUPT'> {
  return new HostError(
    'ERR_HOST_ARTIFACT_CORRUPT',
    'Cannot load the extension: its stored bytes are not what was installed',
    { digest },
  )
}

/** @throws `ERR_HOST_CONSENT_REQUIRED` unless a person decides: an agent or automation changes nothing about what may happen */
export function assertPerson(extension: string, { kind }: Principal): void {
  if (kind !== 'person') throw consentRequired(extension, 'this is decided by a person')
}
