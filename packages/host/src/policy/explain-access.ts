import type { Clock } from '@morphee/core'
import {
  type AccessRequest,
  explainDecision,
  type Explanation,
  type Grant,
  policyFor,
  resolvePermissions,
} from '@morphee/manifest'
import { NOBODY_ASKED } from '../capabilities/authority.ts'
import { actionUnknown } from '../errors.ts'
import { HANDLER_AUTHORITY } from '../extension/authority.ts'
import type { Installations } from '../installations/installations.ts'
import type { PolicySource } from './policy-source.ts'

/** Stands for the event handler where an action is named. */
const HANDLER = 'event-handler'

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
  const subscribes = manifest.permissions.some(({ kind }) => kind === 'event:subscribe')
  // A name that an action has is the action's.
  const isHandler = subscribes && action === HANDLER && !Object.hasOwn(manifest.actions, action)
  const spec = Object.hasOwn(manifest.actions, action) ? manifest.actions[action] : undefined
  if (spec === undefined && !isHandler)
    throw actionUnknown(extension, action, Object.keys(manifest.actions))
  const consent = versions.find(({ digest }) => digest === installation.activeDigest)?.consent
  const explained = explainDecision(request, {
    manifest: resolvePermissions(manifest, installation.config),
    action: spec === undefined ? HANDLER_AUTHORITY : { name: action, ...spec },
    grant: consent === undefined ? { entries: [] } : (consent.grant as unknown as Grant),
    policy: policyFor(policy.current(), extension).rules,
    now: clock.now(),
  })
  const { decision } = explained
  if (!isHandler || decision.kind !== 'ask') return explained
  const message = `${decision.message}; ${NOBODY_ASKED}`
  return { ...explained, decision: { ...decision, kind: 'deny', message } }
}
