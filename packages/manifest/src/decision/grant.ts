import type { Access } from '../permissions/access.ts'
import { compilePermissionSet, restricts } from '../permissions/compiled-set.ts'
import type { PermissionKind } from '../permissions/kinds.ts'
import { type Permission, type PermissionSet, scopesOf } from '../permissions/permission.ts'
import { NEVER_IN_READ } from '../permissions/kinds.ts'

/** What a person says to a permission. */
export type GrantAnswer = 'allow' | 'ask' | 'deny'

/** A person's answer to one permission, its scope as asked for or narrower. */
export interface GrantEntry {
  readonly permission: Permission
  readonly answer: GrantAnswer
  /** Milliseconds since 1970; from then on the entry counts as absent. */
  readonly expiresAt?: number
}

/** What a person allowed an installed extension. Plain data, to be stored. */
export interface Grant {
  readonly entries: readonly GrantEntry[]
  /** Answers per action. A `destructive` action that is not named here is asked for before it writes. */
  readonly actions?: Readonly<Record<string, GrantAnswer>>
  /** Milliseconds since 1970; from then on nothing is granted. */
  readonly expiresAt?: number
}

/** The grant's part of a decision. */
export interface GrantDecision {
  readonly kind: GrantAnswer
  readonly message: string
  readonly accepted?: readonly string[]
}

/** What the grant says to `access` under `permission`: of all entries that match, the strictest. */
export function grantAnswer(
  grant: Grant,
  permission: PermissionKind,
  access: Access,
  call: {
    readonly action: { readonly name: string; readonly effect: string }
    readonly now: number
  },
): GrantDecision {
  const { action, now } = call
  if (hasExpired(grant.expiresAt, now))
    return { kind: 'deny', message: 'What was granted to the extension has expired' }
  const ofAction =
    grant.actions !== undefined && Object.hasOwn(grant.actions, action.name)
      ? grant.actions[action.name]
      : undefined
  if (ofAction === 'deny') return { kind: 'deny', message: `The action "${action.name}" is denied` }

  let found: GrantAnswer | undefined
  let expired = false
  for (const entry of grant.entries) {
    if (entry.permission.kind !== permission || !matches(entry, access)) continue
    if (hasExpired(entry.expiresAt, now)) expired = true
    else if (found === undefined || STRICTNESS[entry.answer] > STRICTNESS[found])
      found = entry.answer
  }
  if (found === undefined) {
    const message = expired
      ? `The permission ${permission} for this has expired`
      : `Nobody has allowed ${access.shown}`
    return { kind: 'deny', message, accepted: acceptedScopes(grant, permission, now) }
  }
  if (found === 'deny')
    return { kind: 'deny', message: `${permission} was denied for ${access.shown}` }

  const writes = NEVER_IN_READ.has(permission)
  const asks = ofAction === 'ask' || (ofAction === undefined && action.effect === 'destructive')
  if (found === 'ask' || (asks && writes))
    return { kind: 'ask', message: `A person is to be asked: ${access.shown}` }
  return { kind: 'allow', message: '' }
}

const STRICTNESS: Readonly<Record<GrantAnswer, number>> = { allow: 0, ask: 1, deny: 2 }

const singles = new WeakMap<Permission, PermissionSet>()

function matches({ permission, answer }: GrantEntry, access: Access): boolean {
  if (answer !== 'allow') return restricts(permission, access)
  let set = singles.get(permission)
  if (set === undefined) singles.set(permission, (set = [permission]))
  return compilePermissionSet(set).allowsAs(permission.kind, access)
}

function hasExpired(expiresAt: number | undefined, now: number): boolean {
  return expiresAt !== undefined && now >= expiresAt
}

function acceptedScopes(grant: Grant, permission: PermissionKind, now: number): string[] {
  return grant.entries
    .filter(
      (entry) =>
        entry.permission.kind === permission &&
        entry.answer !== 'deny' &&
        !hasExpired(entry.expiresAt, now),
    )
    .flatMap((entry) => scopesOf(entry.permission))
}
