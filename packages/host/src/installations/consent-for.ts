import { createId, type JsonObject } from '@morphee/core'
import { formatPrincipal } from '../invocation/principal.ts'
import type { InstallRequest } from './install-request.ts'
import type { Consent } from './installation.ts'
import { consentRequired } from './installation-errors.ts'
import type { Proposal } from './proposal.ts'

/**
 * The consent to keep with a version: the one just given, or the earlier one carried over to an authority that is no wider.
 *
 * @throws `ERR_HOST_CONSENT_REQUIRED`
 */
export function consentFor(
  request: InstallRequest,
  proposal: Proposal,
  previous: Consent | undefined,
  now: number,
): Consent {
  const { consent, principal } = request
  const common = {
    id: createId('grant'),
    authorityDigest: proposal.authorityDigest,
    config: proposal.config,
  }
  if (consent !== undefined) {
    return {
      ...common,
      grant: consent.grant as unknown as JsonObject,
      givenBy: formatPrincipal(principal),
      surface: consent.surface,
      givenAt: now,
    }
  }
  if (previous === undefined)
    throw consentRequired(proposal.manifest.name, 'nobody has said yes to what it may do')
  // It can do no more than before, so the earlier yes covers it; who gave it, and how, stays true.
  return {
    ...common,
    grant: previous.grant,
    givenBy: previous.givenBy,
    surface: previous.surface,
    givenAt: previous.givenAt,
  }
}
