import { SigningError } from '../errors.ts'
import type { TrustDiagnostic } from '../json/shape.ts'
import { POLICY_FILES, readPolicy, type TrustPolicy } from './policy.ts'
import { type PublisherList, readPublishers } from './publishers.ts'

/**
 * Reads the bytes of a `publishers.json`.
 *
 * @throws {@link SigningError} `ERR_SIGNING_TRUST_INVALID` with everything that is wrong with it
 */
export function parsePublishers(bytes: Uint8Array): PublisherList {
  const problems: TrustDiagnostic[] = []
  return readPublishers(bytes, problems) ?? throwInvalid(problems)
}

/**
 * Reads the bytes of a `trustpolicy.oci.json`.
 *
 * @throws {@link SigningError} `ERR_SIGNING_TRUST_INVALID` with everything that is wrong with it
 */
export function parseTrustPolicy(bytes: Uint8Array): TrustPolicy {
  const problems: TrustDiagnostic[] = []
  return readPolicy(bytes, POLICY_FILES[0], problems) ?? throwInvalid(problems)
}

/** Refuses trust data with all that is wrong with them. */
export function throwInvalid(diagnostics: readonly TrustDiagnostic[]): never {
  const [first] = diagnostics
  const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : ''
  const at =
    first === undefined
      ? ''
      : `: ${first.file}${first.path === '' ? '' : ` ${first.path}`}: ${first.message}${more}`
  throw new SigningError('ERR_SIGNING_TRUST_INVALID', `Cannot use the trust files${at}`, {
    diagnostics,
  })
}
