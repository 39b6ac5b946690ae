import type { Clock } from '@morphee/core'
import {
  type AccessRequest,
  explainDecision,
  type Explanation,
  type Grant,
  policyFor,
  resolvePermissions,
} from '@morphee/manifest'
import { actionUnknown } from '../errors.ts'
import type { Installations } from '../installations/installations.ts'
import type { PolicySource } from './policy-source.ts'

/** What {@link explainAccess} looks at. */
export interface ExplainServices {
  readonly installations: Installations
  readonly policy: PolicySource
  readonly clock: Clock
}

/** An action of an installed extension, and what it would do. */
export interface ExplainedAccess {
  readonly workspace: string
  readonly extension: string
  readonly action: string
  readonly request: AccessRequest
}

/**
 * What manifest, action, grant and policy say to an access, without anything happening.
 *
 * @throws `ERR_HOST_NOT_INSTALLED`, `ERR_HOST_ACTION_UNKNOWN`
 */
export async function explainAccess(
  { installations, policy, clock }: ExplainServices,
  { workspace, extension, action, request }: ExplainedAccess,
): Promise<Explanation> {
  const { installation, versions } = await installations.show(workspace, extension)
  const { manifest } = await installations.artifact(installation.activeDigest)
  const spec = Object.hasOwn(manifest.actions, action) ? manifest.actions[action] : undefined
  if (spec === undefined) throw actionUnknown(extension, action, Object.keys(manifest.actions))
  const consent = versions.find(({ digest }) => digest === installation.activeDigest)?.consent
  return explainDecision(request, {
    manifest: resolvePermissions(manifest, installation.config),
    action: { name: action, ...spec },
    grant: consent === undefined ? { entries: [] } : (consent.grant as unknown as Grant),
    policy: policyFor(policy.current(), extension).rules,
    now: clock.now(),
  })
}
