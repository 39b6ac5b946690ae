import type { Access } from '../permissions/access.ts'
import { compilePermissionSet } from '../permissions/compiled-set.ts'
import { NEVER_IN_READ, type PermissionKind } from '../permissions/kinds.ts'
import { type Permission, type PermissionSet, scopesOf } from '../permissions/permission.ts'
import { restricts } from '../permissions/restriction.ts'

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

/**
 * What the grant says to `access` under `permission`: of all entries that match, the strictest.
 *
 * An entry that allows or asks lets through what it names and nothing else; one that asks or denies holds further ({@link restricts}).
 */
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

  const own = grant.entries.filter((entry) => entry.permission.kind === permission)
  const lasting = own.filter((entry) => !hasExpired(entry.expiresAt, now))
  const answers = lasting.filter((entry) => holds(entry, access)).map((entry) => entry.answer)
  if (answers.includes('deny'))
    return { kind: 'deny', message: `${permission} was denied for ${access.shown}` }
  if (!lasting.some((entry) => letsThrough(entry, access))) {
    const message = own.some((entry) => letsThrough(entry, access))
      ? `The permission ${permission} for this has expired`
      : `Nobody has allowed ${access.shown}`
    return { kind: 'deny', message, accepted: acceptedScopes(lasting) }
  }

  const writes = NEVER_IN_READ.has(permission)
  const asks = ofAction === 'ask' || (ofAction === undefined && action.effect === 'destructive')
  if (answers.includes('ask') || (asks && writes))
    return { kind: 'ask', message: `A person is to be asked: ${access.shown}` }
  return { kind: 'allow', message: '' }
}

const singles = new WeakMap<Permission, PermissionSet>()

function holds({ permission, answer }: GrantEntry, access: Access): boolean {
  return answer !== 'allow' && restricts(permission, access)
}

function letsThrough({ permission, answer }: GrantEntry, access: Access): boolean {
  if (answer === 'deny') return false
  let set = singles.get(permission)
  if (set === undefined) singles.set(permission, (set = [permission]))
  return compilePermissionSet(set).allowsAs(permission.kind, access)
}

function hasExpired(expiresAt: number | undefined, now: number): boolean {
  return expiresAt !== undefined && now >= expiresAt
}

function acceptedScopes(entries: readonly GrantEntry[]): string[] {
  return entries
    .filter(({ answer }) => answer !== 'deny')
    .flatMap(({ permission }) => scopesOf(permission))
}
