import { policyAnswer, type PolicyPlace } from '../policy/policy-rules.ts'
import { type AccessRequest, readAccess } from '../permissions/access.ts'
import type { PermissionKind } from '../permissions/kinds.ts'
import {
  actionAnswer,
  decide,
  type Decision,
  type DecisionLayers,
  permissionFor,
  type RefusedBy,
  refusedByManifest,
} from './decide.ts'
import { grantAnswer } from './grant.ts'

/** What one layer says to an access, whatever the others say. */
export interface LayerVerdict {
  readonly layer: RefusedBy
  readonly kind: 'allow' | 'ask' | 'deny'
  /** For a person; empty where there is nothing to add to `kind`. */
  readonly message: string
  /** The line of the policy that decided. */
  readonly rule?: PolicyPlace
}

/** A decision with everything that led to it. */
export interface Explanation {
  readonly decision: Decision
  /** The permission that was looked for. */
  readonly permission?: PermissionKind
  /** In the fixed order manifest, action, grant, policy; empty when the request is refused before anybody is asked. */
  readonly layers: readonly LayerVerdict[]
}

/**
 * {@link decide}, with what each layer says on its own: a refusal names only the first of them.
 *
 * @throws {@link ManifestError} `ERR_URL_PATTERN_INVALID` when a layer holds a scope that is no pattern
 */
export function explainDecision(request: AccessRequest, layers: DecisionLayers): Explanation {
  const decision = decide(request, layers)
  const access = readAccess(request)
  if (typeof access === 'string') return { decision, layers: [] }

  const { manifest, action, grant, policy = {} } = layers
  const covered = permissionFor(access, manifest)
  // Where the manifest has nothing, the others are asked about the permission that it would need.
  const permission = covered ?? (access.kinds.at(-1) as PermissionKind)
  const byPolicy = policyAnswer(policy, permission, access)
  const place = byPolicy.rule?.place
  return {
    decision,
    permission,
    layers: [
      covered === undefined
        ? { layer: 'manifest', kind: 'deny', message: refusedByManifest(access, manifest).message }
        : { layer: 'manifest', kind: 'allow', message: `asks for ${permission} there` },
      { layer: 'action', ...plain(actionAnswer(action, permission, access)) },
      { layer: 'grant', ...plain(grantAnswer(grant, permission, access, layers)) },
      { layer: 'policy', ...plain(byPolicy), ...(place === undefined ? {} : { rule: place }) },
    ],
  }
}

function plain({
  kind,
  message,
}: {
  readonly kind: LayerVerdict['kind']
  readonly message: string
}): Pick<LayerVerdict, 'kind' | 'message'> {
  return { kind, message }
}
