import {
  changeGrant,
  type Grant,
  type GrantAnswer,
  type GrantChange,
  grantOf,
  type PermissionSet,
  tryParsePermissionKind,
} from '@morphee/manifest'
import { RefusedError, UsageError } from '../refusal.ts'
import { parseDuration } from '../terminal/duration.ts'

/** What was said on the command line about a grant before anything is asked. */
export interface GrantChoice {
  /** Permissions, by name. */
  readonly deny?: readonly string[]
  readonly ask?: readonly string[]
  /** `permission=scope`. */
  readonly only?: readonly string[]
  /** A duration, for all of it. */
  readonly expires?: string
}

/** The grant that a yes would be, as chosen with options. @throws UsageError, RefusedError when it would be more than is asked for */
export function chosenGrant(asked: PermissionSet, choice: GrantChoice): Grant {
  const { deny = [], ask = [], only = [], expires } = choice
  let grant = grantOf(asked)
  for (const [kind, scopes] of scopesByKind(only, asked))
    grant = apply(grant, asked, { kind, answer: 'allow', only: scopes })
  for (const [names, answer] of [
    [ask, 'ask'],
    [deny, 'deny'],
  ] as const)
    for (const name of names) grant = answerAll(grant, asked, name, answer)
  return expires === undefined
    ? grant
    : { ...grant, expiresAt: Date.now() + parseDuration(expires) }
}

function answerAll(grant: Grant, asked: PermissionSet, name: string, answer: GrantAnswer): Grant {
  const kind = kindOf(name, asked)
  const entries = grant.entries.map((entry) =>
    entry.permission.kind === kind ? { ...entry, answer } : entry,
  )
  return { ...grant, entries }
}

function scopesByKind(
  pairs: readonly string[],
  asked: PermissionSet,
): Map<GrantChange['kind'], string[]> {
  const scopes = new Map<GrantChange['kind'], string[]>()
  for (const pair of pairs) {
    const at = pair.indexOf('=')
    if (at < 1)
      throw new UsageError(
        `"${pair}" narrows nothing; write permission=scope, such as http:read=https://…`,
      )
    const kind = kindOf(pair.slice(0, at), asked)
    scopes.set(kind, [...(scopes.get(kind) ?? []), pair.slice(at + 1)])
  }
  return scopes
}

function apply(grant: Grant, asked: PermissionSet, change: GrantChange): Grant {
  const changed = changeGrant(grant, asked, change)
  if (typeof changed === 'string') throw new RefusedError(`Not granted: ${changed}`)
  return changed
}

function kindOf(name: string, asked: PermissionSet): GrantChange['kind'] {
  const kind = tryParsePermissionKind(name)
  const kinds = [...new Set(asked.map((permission) => permission.kind))]
  if (kind !== undefined && kinds.includes(kind)) return kind
  throw new UsageError(`It does not ask for ${name}; it asks for ${kinds.join(', ') || 'nothing'}`)
}
