import { type Access, type AccessRequest, readAccess } from '../permissions/access.ts'
import { compilePermissionSet } from '../permissions/compiled-set.ts'
import { NEVER_IN_READ, type PermissionKind, SCOPE_OF } from '../permissions/kinds.ts'
import { type Permission, type PermissionSet, scopesOf } from '../permissions/permission.ts'
import {
  type PolicyAnswer,
  policyAnswer,
  type PolicyPlace,
  type PolicyRules,
} from '../policy/policy-rules.ts'
import { type Grant, grantAnswer } from './grant.ts'

/** What an action does to the world outside: nothing, something, or something that cannot be taken back. */
export type Effect = 'read' | 'write' | 'destructive'

/** What an action may use. */
export interface ActionAuthority {
  readonly name: string
  readonly effect: Effect
  /** Permissions it is limited to; all that are granted when left out. */
  readonly uses?: readonly PermissionKind[]
}

/** Everybody who has a say, in the fixed order in which they refuse. */
export interface DecisionLayers {
  /** What the manifest asks for, with settings filled in: {@link resolvePermissions}. */
  readonly manifest: PermissionSet
  readonly action: ActionAuthority
  readonly grant: Grant
  readonly policy?: PolicyRules
  /** Milliseconds since 1970, against which expiries are held. */
  readonly now: number
}

/** Who refused. */
export type RefusedBy = 'manifest' | 'action' | 'grant' | 'policy'

/** Whether one access may happen. */
export interface Decision {
  readonly kind: 'allow' | 'ask' | 'deny'
  /** On `deny` who refused; on `ask` who wants a person to be asked. */
  readonly refusedBy?: RefusedBy
  /** The permission that allows it, or that is missing; absent when no permission could ever allow it. */
  readonly permission?: PermissionKind
  /** For a person; no query strings. */
  readonly message: string
  /** What would be accepted: scopes or permission names, at most eight. */
  readonly accepted?: readonly string[]
  /** When the policy decided by a rule of a file: where it stands. */
  readonly rule?: PolicyPlace
}

/**
 * Decides whether an access may happen: effective permission = manifest ∩ what the action uses ∩ grant ∩ policy.
 *
 * The first layer that says no is named, in the order manifest, action, grant, policy. A `read` action never writes to the
 * outside, whatever it lists; a write of a `destructive` action is asked for unless the grant says `allow` for that action.
 *
 * @throws {@link ManifestError} `ERR_URL_PATTERN_INVALID` when a layer holds a scope that is no pattern
 */
export function decide(request: AccessRequest, layers: DecisionLayers): Decision {
  const access = readAccess(request)
  if (typeof access === 'string')
    return { kind: 'deny', refusedBy: 'manifest', message: `Refused: ${access}` }

  const { manifest, action, policy } = layers
  const permission = permissionFor(access, manifest)
  if (permission === undefined) return refusedByManifest(access, manifest)
  const used = actionAnswer(action, permission, access)
  if (used.kind === 'deny') return deny('action', permission, used.message, used.accepted)
  const answer = grantAnswer(layers.grant, permission, access, layers)
  if (answer.kind === 'deny') return deny('grant', permission, answer.message, answer.accepted)

  const ruled = policy === undefined ? UNRULED : policyAnswer(policy, permission, access)
  const rule = ruled.rule?.place === undefined ? {} : { rule: ruled.rule.place }
  if (ruled.kind === 'deny')
    return { ...deny('policy', permission, ruled.message, ruled.accepted), ...rule }
  // Before the grant's, because a yes to the operator's question counts once: no standing one may answer for it.
  if (ruled.kind === 'ask')
    return { kind: 'ask', refusedBy: 'policy', permission, message: ruled.message, ...rule }
  if (answer.kind === 'ask')
    return { kind: 'ask', refusedBy: 'grant', permission, message: answer.message }
  return { kind: 'allow', permission, message: '' }
}

/** The first permission of the manifest that covers `access`, the best first; `undefined` when none does. */
export function permissionFor(access: Access, manifest: PermissionSet): PermissionKind | undefined {
  const asked = compilePermissionSet(manifest)
  return access.kinds.find((kind) => asked.allowsAs(kind, access))
}

/** What the action's effect and its `uses` say to `access` under `permission`. */
export function actionAnswer(
  action: ActionAuthority,
  permission: PermissionKind,
  access: Access,
): {
  readonly kind: 'allow' | 'deny'
  readonly message: string
  readonly accepted?: readonly string[]
} {
  if (action.effect === 'read' && NEVER_IN_READ.has(permission)) {
    const message = `The action "${action.name}" is declared to read only, so it cannot ${access.shown}`
    return { kind: 'deny', message }
  }
  if (action.uses !== undefined && !action.uses.includes(permission)) {
    const message = `The action "${action.name}" does not list ${permission} under uses, so it cannot ${access.shown}`
    return { kind: 'deny', message, accepted: action.uses }
  }
  return { kind: 'allow', message: '' }
}

const UNRULED: PolicyAnswer = { kind: 'allow', message: '' }

/** The refusal of a manifest that does not cover `access`. */
export function refusedByManifest(access: Access, manifest: PermissionSet): Decision {
  const wanted = access.kinds.at(-1) as PermissionKind
  const own = manifest.filter((permission) => permission.kind === wanted)
  const message =
    own.length === 0
      ? `The manifest does not ask for ${wanted}, so the extension cannot ${access.shown}`
      : `The manifest's ${wanted} does not cover ${access.shown}`
  return deny(
    'manifest',
    wanted,
    message,
    own.length === 0 ? manifest.map(({ kind }) => kind) : scopesIn(manifest, wanted),
  )
}

function deny(
  by: RefusedBy,
  permission: PermissionKind,
  message: string,
  accepted: readonly string[] = [],
): Decision {
  return { kind: 'deny', refusedBy: by, permission, message, accepted: accepted.slice(0, 8) }
}

/** The scopes of `kind` in `permissions`, for people. */
function scopesIn(permissions: readonly Permission[], kind: PermissionKind): readonly string[] {
  if (SCOPE_OF[kind] === null) return []
  return permissions.filter((permission) => permission.kind === kind).flatMap(scopesOf)
}
