import { createId, type JsonObject } from '@morphee/core'
import { grantFaults, scopesOf } from '@morphee/manifest'
import { HostError } from '../errors.ts'
import { formatPrincipal, type Principal } from '../invocation/principal.ts'
import type { ConsentInput, InstallRequest } from './install-request.ts'
import type { Consent } from './installation.ts'
import { assertPerson, consentRequired } from './installation-errors.ts'
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
  const { manifest } = proposal
  const common = {
    id: createId('grant'),
    authorityDigest: proposal.authorityDigest,
    config: proposal.config,
  }
  if (consent !== undefined) {
    assertConsent(proposal, principal, consent)
    return {
      ...common,
      grant: consent.grant as unknown as JsonObject,
      givenBy: formatPrincipal(principal),
      surface: consent.surface,
      givenAt: now,
    }
  }
  if (previous === undefined)
    throw consentRequired(manifest.name, 'nobody has said yes to what it may do')
  // It can do no more than before, so the earlier yes covers it; who gave it, and how, stays true.
  return {
    ...common,
    grant: previous.grant,
    givenBy: previous.givenBy,
    surface: previous.surface,
    givenAt: previous.givenAt,
  }
}

/**
 * A yes is a person's, to exactly this authority, and to no more than is asked for.
 *
 * @throws `ERR_HOST_CONSENT_REQUIRED`, `ERR_HOST_GRANT_INVALID`
 */
export function assertConsent(
  { manifest, authorityDigest, permissions }: Proposal,
  principal: Principal,
  { authorityDigest: agreed, grant }: ConsentInput,
): void {
  assertPerson(manifest.name, principal)
  if (agreed !== authorityDigest)
    throw consentRequired(
      manifest.name,
      'the yes was given to something else than what is now asked for',
    )
  const [problem] = grantFaults(grant, permissions, Object.keys(manifest.actions))
  if (problem === undefined) return
  throw new HostError(
    'ERR_HOST_GRANT_INVALID',
    `Cannot grant this to "${manifest.name}": ${problem}`,
    {
      problem,
      accepted: permissions
        .map((permission) => [permission.kind, ...scopesOf(permission)].join(' '))
        .slice(0, 8),
    },
  )
}
