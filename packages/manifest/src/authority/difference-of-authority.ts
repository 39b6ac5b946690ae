import { cleanLine, cleanText } from '@morphee/core'
import { formatLimit, LIMIT_KEYS, LIMITS } from '../limits.ts'
import { subtractPermissions } from '../permissions/algebra.ts'
import { NEVER_IN_READ, PERMISSION_KINDS, type PermissionKind } from '../permissions/kinds.ts'
import type { Authority, CredentialPower, Powers } from './authority.ts'
import { describeScopes } from './describe-permissions.ts'
import { PERMISSION_TITLES } from './permission-titles.ts'

/** One thing that is new. */
export interface AuthorityChange {
  readonly subject: 'permission' | 'credential' | 'action' | 'limit' | 'text'
  /** In people's words; what the author wrote is quoted. */
  readonly line: string
  /** Whether it lets happen what could not happen before, so that a person is to be asked first. */
  readonly wider: boolean
}

/** What `next` can do or says that `previous` could or did not. What was only taken away is not in it. */
export function differenceOfAuthority(previous: Authority, next: Authority): AuthorityChange[] {
  return [
    ...newPermissions(previous.powers, next.powers),
    ...newCredentials(previous.powers, next.powers),
    ...newActions(previous.powers, next.powers),
    ...newLimits(previous.powers, next.powers),
    ...newTexts(previous, next),
  ]
}

/** Whether `next` could do anything that `previous` could not. */
export function isWider(previous: Authority, next: Authority): boolean {
  return differenceOfAuthority(previous, next).some((change) => change.wider)
}

function newPermissions(previous: Powers, next: Powers): AuthorityChange[] {
  return subtractPermissions(next.permissions, previous.permissions).map(
    ({ permission, except }) => {
      const scopes = describeScopes(permission)
      const where = scopes.length === 0 ? '' : `: ${scopes.join(', ')}`
      const beyond = except.length === 0 ? '' : ` (until now only ${except.join(', ')})`
      return {
        subject: 'permission',
        line: `${PERMISSION_TITLES[permission.kind]}${where}${beyond}${destroyersOf(permission.kind, next)}`,
        wider: true,
      }
    },
  )
}

// Which actions take something away for good with a permission is what a person has to know about more of it.
function destroyersOf(kind: PermissionKind, { actions }: Powers): string {
  if (!NEVER_IN_READ.has(kind)) return ''
  const names = Object.entries(actions)
    .filter(([, { effect, uses }]) => effect === 'destructive' && uses?.includes(kind) !== false)
    .map(([name]) => name)
  return names.length === 0 ? '' : `; used by ${names.join(', ')} for what cannot be taken back`
}

function newCredentials(previous: Powers, next: Powers): AuthorityChange[] {
  return Object.entries(next.credentials).flatMap(([name, power]) => {
    const old = memberOf(previous.credentials, name)
    const origins = power.audience.filter((origin) => old?.audience.includes(origin) !== true)
    if (origins.length > 0) {
      return [
        {
          subject: 'credential' as const,
          line: `Sign in for you at ${origins.join(', ')} with the credential ${name}`,
          wider: true,
        },
      ]
    }
    if (old !== undefined && wayOf(old) !== wayOf(power)) {
      return [
        {
          subject: 'credential' as const,
          line: `Send the credential ${name} in another way: ${wayOf(power)}`,
          wider: true,
        },
      ]
    }
    return []
  })
}

function wayOf({ kind, header, scheme }: CredentialPower): string {
  return [kind, header, scheme].filter((part) => part !== undefined).join(' ')
}

type ActionPower = Powers['actions'][string]

// How much happens without anybody being asked: nothing, a write after a yes, a write.
const FREEDOM = { read: 0, destructive: 1, write: 2 } as const
const EFFECT_WORDS = {
  read: 'only reads',
  destructive: 'changes what cannot be taken back, after asking',
  write: 'changes things without asking',
} as const

function newActions(previous: Powers, next: Powers): AuthorityChange[] {
  return Object.entries(next.actions).flatMap(([name, action]) => {
    const old = memberOf(previous.actions, name)
    if (old === undefined) {
      const wider =
        action.effect !== 'read' ||
        !Object.values(previous.actions).some((known) => usesCover(known, action, next))
      return [
        {
          subject: 'action' as const,
          line: `New action ${name}: ${EFFECT_WORDS[action.effect]}`,
          wider,
        },
      ]
    }
    const changes: AuthorityChange[] = []
    if (old.effect !== action.effect) {
      const line = `The action ${name} now ${EFFECT_WORDS[action.effect]}; until now it ${EFFECT_WORDS[old.effect]}`
      changes.push({ subject: 'action', line, wider: FREEDOM[action.effect] > FREEDOM[old.effect] })
    }
    if (!usesCover(old, action, next)) {
      const uses = action.uses === undefined ? 'everything that is granted' : action.uses.join(', ')
      changes.push({
        subject: 'action',
        line: `The action ${name} may now use ${uses}`,
        wider: true,
      })
    }
    return changes
  })
}

function usesCover(old: ActionPower, action: ActionPower, next: Powers): boolean {
  if (old.uses === undefined) return true
  const used =
    action.uses ??
    PERMISSION_KINDS.filter((kind) =>
      next.permissions.some((permission) => permission.kind === kind),
    )
  return used.every((kind) => old.uses?.includes(kind))
}

function newLimits(previous: Powers, next: Powers): AuthorityChange[] {
  return LIMIT_KEYS.flatMap((key) => {
    const { name, unit, default: usual } = LIMITS[key]
    const before = previous.limits[key] ?? usual
    const after = next.limits[key] ?? usual
    if (after <= before) return []
    return [
      {
        subject: 'limit' as const,
        line: `Use up to ${formatLimit(after, unit)} for ${name} (until now ${formatLimit(before, unit)})`,
        wider: true,
      },
    ]
  })
}

function newTexts(previous: Authority, next: Authority): AuthorityChange[] {
  return Object.entries(next.shown).flatMap(([place, text]) => {
    const old = memberOf(previous.shown, place)
    if (old === text || (old === undefined && text === '')) return []
    const [now, before] = old === undefined ? [text, undefined] : changedParts(text, old)
    const was = before === undefined ? '' : ` (until now ${shownText(before)})`
    const line = `The ${cleanLine(place, 200)} is ${shownText(now)}${was}`
    return [{ subject: 'text' as const, line, wider: false }]
  })
}

const MAX_SHOWN = 400
const CONTEXT = 20

function shownText(text: string): string {
  return JSON.stringify(cleanText(text, MAX_SHOWN))
}

/** Where two texts differ, with a little around it: a long text would hide behind its beginning what became of its end. */
function changedParts(now: string, before: string): [string, string] {
  if (now.length <= MAX_SHOWN && before.length <= MAX_SHOWN) return [now, before]
  const shorter = Math.min(now.length, before.length)
  let same = 0
  while (same < shorter && now[same] === before[same]) same++
  let end = 0
  while (end < shorter - same && now.at(-1 - end) === before.at(-1 - end)) end++
  const from = Math.max(0, same - CONTEXT)
  const rest = Math.max(0, end - CONTEXT)
  const part = (text: string): string =>
    `${from > 0 ? '…' : ''}${text.slice(from, text.length - rest)}${rest > 0 ? '…' : ''}`
  return [part(now), part(before)]
}

function memberOf<Value>(object: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
