import type { Grant, GrantAnswer, GrantEntry } from '../decision/grant.ts'
import {
  intersectPermissions,
  permissionsCover,
  subtractPermissions,
} from '../permissions/algebra.ts'
import { type PermissionKind, SCOPE_OF } from '../permissions/kinds.ts'
import {
  type Permission,
  type PermissionSet,
  permissionOf,
  scopesOf,
} from '../permissions/permission.ts'
import { postsAt } from '../permissions/restriction.ts'

/** What a person changes about one permission. */
export interface GrantChange {
  readonly kind: PermissionKind
  readonly answer: GrantAnswer
  /** URL patterns, collections, names or topics that it is about; all that is asked for when left out. */
  readonly only?: readonly string[]
  /** Milliseconds since 1970, for `allow` and `ask`. */
  readonly expiresAt?: number
}

/** The grant that answers everything that is asked for in one way. */
export function grantOf(asked: PermissionSet, answer: GrantAnswer = 'allow'): Grant {
  return { entries: asked.map((permission) => ({ permission, answer })) }
}

/**
 * `grant` with one permission answered anew.
 *
 * `allow` takes the place of every earlier answer to this permission, so with `only` nothing else is left of it. `ask` and `deny`
 * with `only` are put beside the earlier answers: of several that match, the strictest counts.
 *
 * @returns the new grant, or why there is none: a scope that is not asked for, or that the permission does not have
 */
export function changeGrant(
  grant: Grant,
  asked: PermissionSet,
  { kind, answer, only, expiresAt }: GrantChange,
): Grant | string {
  const own = asked.filter((permission) => permission.kind === kind)
  if (own.length === 0) return `it does not ask for ${kind}`
  const permissions = only === undefined ? own : narrow(own, kind, only)
  if (typeof permissions === 'string') return permissions
  const entries = permissions.map((permission): GrantEntry => ({
    permission,
    answer,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }))
  const beside = only !== undefined && answer !== 'allow'
  return {
    ...grant,
    entries: [
      ...grant.entries.filter((entry) => beside || entry.permission.kind !== kind),
      ...entries,
    ],
  }
}

/** Why `grant` is no answer to `asked`, for people: an entry reaches further, or an action or a time does not exist. Empty when it is one. */
export function grantFaults(
  grant: Grant,
  asked: PermissionSet,
  actions: readonly string[],
): string[] {
  const faults: string[] = []
  for (const { permission, answer, expiresAt } of grant.entries) {
    if (!isTime(expiresAt)) faults.push(`${permission.kind} expires at no time`)
    // What is denied beyond what is asked for denies nothing, and keeps denying it after an update.
    if (answer !== 'deny' && !permissionsCover(asked, [permission]))
      faults.push(
        `${permission.kind} for ${scopesOf(permission).join(', ') || 'it'} is more than it asks for`,
      )
  }
  if (!isTime(grant.expiresAt)) faults.push('the grant expires at no time')
  for (const name of Object.keys(grant.actions ?? {}))
    if (!actions.includes(name)) faults.push(`there is no action "${name.slice(0, 80)}"`)
  return faults
}

/**
 * Whether `after` lets happen what `before` did not, or without asking what it asked about.
 *
 * Errs on the side of yes where several entries overlap.
 */
export function isGrantWider(before: Grant, after: Grant): boolean {
  // Between two expiries nothing changes, so it is enough to look once in each span.
  const times = [before, after].flatMap(({ entries, expiresAt }) => [
    expiresAt ?? 0,
    ...entries.map((entry) => entry.expiresAt ?? 0),
  ])
  return [0, ...times].some((now) => isWiderNow(inForce(before, now), inForce(after, now)))
}

function isWiderNow(before: Grant, after: Grant): boolean {
  return (
    !permissionsCover(permissionsWith(before, ['allow']), permissionsWith(after, ['allow'])) ||
    !permissionsCover(
      permissionsWith(before, ['allow', 'ask']),
      permissionsWith(after, ['allow', 'ask']),
    ) ||
    !permissionsCover(permissionsWith(after, ['deny']), permissionsWith(before, ['deny'])) ||
    !permissionsCover(
      permissionsWith(after, ['ask', 'deny']),
      permissionsWith(before, ['ask', 'deny']),
    ) ||
    actionsAreWider(before, after)
  )
}

function inForce(grant: Grant, now: number): Grant {
  const lasts = (expiresAt = Infinity): boolean => expiresAt > now
  const entries = lasts(grant.expiresAt)
    ? grant.entries.filter(({ expiresAt }) => lasts(expiresAt))
    : []
  return { ...grant, entries }
}

/**
 * The grant after a yes to an update: the earlier answers, and a yes to what is new.
 *
 * More of a permission is answered as that permission was: denied where all of it was, asked about where some was, and asked about
 * too where it cannot be told apart from what a person had narrowed.
 */
export function grantForUpdate(
  grant: Grant,
  previous: PermissionSet,
  next: PermissionSet,
  actions: readonly string[],
): Grant {
  const kept = spellOutAsks(grant).flatMap(({ permission, ...entry }): GrantEntry[] =>
    entry.answer === 'deny'
      ? [{ permission, ...entry }]
      : intersectPermissions(next, [permission]).map((still) => ({ permission: still, ...entry })),
  )
  const added = subtractPermissions(next, previous).map(({ permission }): GrantEntry => ({
    permission,
    answer: answerToMore(grant, previous, permission),
  }))
  const answers = Object.entries(grant.actions ?? {}).filter(([name]) => actions.includes(name))
  return {
    ...grant,
    entries: [...kept, ...added],
    ...(grant.actions === undefined ? {} : { actions: Object.fromEntries(answers) }),
  }
}

/** The grant that allows what both allow, and asks or denies where either does. */
export function meetGrants(a: Grant, b: Grant): Grant {
  const [own, other] = [spellOutAsks(a), spellOutAsks(b)]
  const denied = [...own, ...other].filter(({ answer }) => answer === 'deny')
  const met = own.flatMap((x) =>
    other.flatMap((y) =>
      x.answer === 'deny' || y.answer === 'deny'
        ? []
        : intersectPermissions([x.permission], [y.permission]).map((permission): GrantEntry => ({
            permission,
            answer: x.answer === 'allow' ? y.answer : x.answer,
            ...earlier(x.expiresAt, y.expiresAt),
          })),
    ),
  )
  const names = new Set([...Object.keys(a.actions ?? {}), ...Object.keys(b.actions ?? {})])
  const actions = [...names].flatMap((name): [string, GrantAnswer][] => {
    const stricter = strictnessOf(a, name) > strictnessOf(b, name) ? a : b
    const answer = stricter.actions?.[name]
    return answer === undefined ? [] : [[name, answer]]
  })
  return {
    entries: [...denied, ...met],
    ...(actions.length === 0 ? {} : { actions: Object.fromEntries(actions) }),
    ...earlier(a.expiresAt, b.expiresAt),
  }
}

// A question at a URL is one about the POSTs there too, where an entry lets some through. With the URL gone from what is left of
// its entry it would be gone as well, so it is put beside as an entry about these POSTs.
function spellOutAsks({ entries }: Grant): readonly GrantEntry[] {
  const open = entries.filter(({ answer }) => answer !== 'deny')
  const posts = entries.flatMap(({ permission, answer, expiresAt }): GrantEntry[] => {
    const at = postsAt(permission)
    if (answer !== 'ask' || at.length === 0) return []
    return open.flatMap((entry) =>
      intersectPermissions([permissionOf('http:read', [], at)], [entry.permission]).map((met) => ({
        permission: met,
        answer,
        ...earlier(expiresAt, entry.expiresAt),
      })),
    )
  })
  return [...entries, ...posts]
}

function earlier(a = Infinity, b = Infinity): { readonly expiresAt?: number } {
  const expiresAt = Math.min(a, b)
  return expiresAt === Infinity ? {} : { expiresAt }
}

function answerToMore(grant: Grant, previous: PermissionSet, more: Permission): GrantAnswer {
  const { kind } = more
  const before = previous.filter((permission) => permission.kind === kind)
  if (before.length === 0) return 'allow'
  const answers = grant.entries.filter(({ permission }) => permission.kind === kind)
  if (answers.every(({ answer }) => answer === 'deny')) return 'deny'
  if (answers.some(({ answer }) => answer !== 'allow')) return 'ask'
  // What ends at some time is narrowed too.
  const lasting = answers.filter(({ expiresAt }) => expiresAt === undefined)
  const whole = permissionsCover(
    lasting.map(({ permission }) => permission),
    before,
  )
  return !whole && intersectPermissions([more], before).length > 0 ? 'ask' : 'allow'
}

function narrow(
  own: readonly Permission[],
  kind: PermissionKind,
  only: readonly string[],
): Permission[] | string {
  if (SCOPE_OF[kind] === null) return `${kind} cannot be narrowed: it is had whole or not at all`
  if (only.length === 0) return `say what ${kind} is to be narrowed to`
  const posts = only.map((url) => ({ method: 'POST' as const, url }))
  for (const scope of only) {
    const within =
      permissionsCover(own, [permissionOf(kind, [scope])]) ||
      (kind === 'http:read' && own.some((permission) => reachesOperation(permission, kind, scope)))
    if (!within) return `${kind} for ${scope} is more than it asks for`
  }
  return intersectPermissions(own, [permissionOf(kind, only, kind === 'http:read' ? posts : [])])
}

function reachesOperation(permission: Permission, kind: 'http:read', url: string): boolean {
  const operations = permission.kind === kind ? (permission.operations ?? []) : []
  return operations.some((operation) =>
    permissionsCover(
      [permissionOf('http:write', [operation.url])],
      [permissionOf('http:write', [url])],
    ),
  )
}

function permissionsWith(grant: Grant, answers: readonly GrantAnswer[]): Permission[] {
  return grant.entries
    .filter(({ answer }) => answers.includes(answer))
    .map(({ permission }) => permission)
}

function isTime(value: number | undefined): boolean {
  return value === undefined || (Number.isSafeInteger(value) && value > 0)
}

const STRICTNESS: Readonly<Record<GrantAnswer, number>> = { allow: 0, ask: 1, deny: 2 }

// An action that is not named is as it is by its effect: stricter than `allow`, looser than `deny`.
const UNNAMED = 0.5

function actionsAreWider(before: Grant, after: Grant): boolean {
  const names = new Set([...Object.keys(before.actions ?? {}), ...Object.keys(after.actions ?? {})])
  return [...names].some((name) => strictnessOf(after, name) < strictnessOf(before, name))
}

function strictnessOf({ actions = {} }: Grant, name: string): number {
  const answer = Object.hasOwn(actions, name) ? actions[name] : undefined
  return answer === undefined ? UNNAMED : STRICTNESS[answer]
}
