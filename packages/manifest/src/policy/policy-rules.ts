import type { Access } from '../permissions/access.ts'
import { compilePermissionSet, globsOf, operationsOf } from '../permissions/compiled-set.ts'
import { foldGlob, foldWord } from '../permissions/fold-path.ts'
import type { Glob, Word } from '../permissions/glob.ts'
import { GlobTrie } from '../permissions/glob-trie.ts'
import type { PermissionKind } from '../permissions/kinds.ts'
import {
  type Permission,
  type PermissionSet,
  permissionOf,
  scopesOf,
} from '../permissions/permission.ts'

/** Where a rule stands, so that a decision can name the line that made it. */
export interface PolicyPlace {
  readonly file: string
  /** From 1. */
  readonly line: number
}

/** One rule of the operator. */
export interface PolicyRule {
  /** A permission with its scope, or a name alone for all that it covers. */
  readonly permission: PermissionKind | Permission
  readonly place?: PolicyPlace
}

/** The operator's say on permissions. */
export interface PolicyRules {
  /** Nothing beyond this is allowed; no ceiling when left out. */
  readonly ceiling?: readonly PolicyRule[]
  readonly deny?: readonly PolicyRule[]
  /** Allowed only after a person was asked, whatever the grant says. */
  readonly ask?: readonly PolicyRule[]
}

/** What the operator says to one access. */
export interface PolicyAnswer {
  readonly kind: 'allow' | 'ask' | 'deny'
  /** For a person; empty on `allow`. */
  readonly message: string
  /** The rule that decided; absent on `allow`, and where a ceiling has no rule that covers the access. */
  readonly rule?: PolicyRule
  /** What would be accepted: scopes of the ceiling. */
  readonly accepted?: readonly string[]
}

/**
 * What the operator's rules say to `access` under `permission`: forbidden before beyond the ceiling before to be asked.
 *
 * A POST that a manifest only declares as reading is held against the rules for `http:write` too: the declaration is the
 * author's, and the operator's no to writes must not depend on it. A GraphQL query was read by the host and counts as reading.
 */
export function policyAnswer(
  rules: PolicyRules,
  permission: PermissionKind,
  access: Access,
): PolicyAnswer {
  const forbidding = findRule(rules.deny, permission, access)
  if (forbidding !== undefined)
    return {
      kind: 'deny',
      message: `The operator's policy forbids ${access.shown}`,
      rule: forbidding,
    }
  if (rules.ceiling !== undefined && !isWithin(rules.ceiling, permission, access)) {
    return {
      kind: 'deny',
      message: `The operator's policy does not allow ${access.shown}`,
      accepted: rules.ceiling.flatMap((rule) =>
        kindOf(rule) === permission && typeof rule.permission === 'object'
          ? scopesOf(rule.permission)
          : [],
      ),
    }
  }
  const asking = findRule(rules.ask, permission, access)
  if (asking === undefined) return { kind: 'allow', message: '' }
  return {
    kind: 'ask',
    message: `The operator's policy wants a person to be asked: ${access.shown}`,
    rule: asking,
  }
}

interface CompiledKind {
  readonly whole: PolicyRule | undefined
  readonly rules: readonly { readonly rule: PolicyRule; readonly scope: GlobTrie }[]
  /** All scopes together: the usual answer is no, and costs the same with one rule and with a thousand. */
  readonly scope: GlobTrie
}

const compiledRules = new WeakMap<readonly PolicyRule[], Map<PermissionKind, CompiledKind>>()

function findRule(
  rules: readonly PolicyRule[] | undefined,
  permission: PermissionKind,
  access: Access,
): PolicyRule | undefined {
  if (rules === undefined || rules.length === 0) return undefined
  const compiled = compileRules(rules)
  const word = foldWord(access.word)
  const found = ruleFor(compiled.get(permission), word)
  return (
    found ??
    (isOnlyDeclaredAsReading(permission, access)
      ? ruleFor(compiled.get('http:write'), word)
      : undefined)
  )
}

function isOnlyDeclaredAsReading(permission: PermissionKind, access: Access): boolean {
  return (
    permission === 'http:read' &&
    access.graphql === undefined &&
    access.method !== 'GET' &&
    access.method !== 'HEAD'
  )
}

function ruleFor(compiled: CompiledKind | undefined, word: Word): PolicyRule | undefined {
  if (compiled === undefined) return undefined
  if (compiled.whole !== undefined) return compiled.whole
  if (!compiled.scope.allows(word)) return undefined
  return compiled.rules.find(({ scope }) => scope.allows(word))?.rule
}

function compileRules(rules: readonly PolicyRule[]): Map<PermissionKind, CompiledKind> {
  let compiled = compiledRules.get(rules)
  if (compiled !== undefined) return compiled
  compiled = new Map()
  for (const kind of new Set(rules.map(kindOf))) {
    const own = rules.filter((rule) => kindOf(rule) === kind)
    const scoped = own.flatMap((rule) =>
      typeof rule.permission === 'string' ? [] : [{ rule, globs: everyUrlOf(rule.permission) }],
    )
    compiled.set(kind, {
      whole: own.find(({ permission }) => typeof permission === 'string'),
      rules: scoped.map(({ rule, globs }) => ({ rule, scope: new GlobTrie(globs) })),
      scope: new GlobTrie(scoped.flatMap(({ globs }) => globs)),
    })
  }
  compiledRules.set(rules, compiled)
  return compiled
}

// What is forbidden or asked about at an address is so whatever the method: an operation there is a way to the same address.
function everyUrlOf(permission: Permission): Glob[] {
  const urls = operationsOf(permission).map(({ url }) => url)
  return [...globsOf(permission), ...globsOf(permissionOf('http:read', urls))].map(foldGlob)
}

interface CompiledCeiling {
  readonly whole: ReadonlySet<PermissionKind>
  readonly scoped: PermissionSet
}

const compiledCeilings = new WeakMap<readonly PolicyRule[], CompiledCeiling>()

function isWithin(
  ceiling: readonly PolicyRule[],
  permission: PermissionKind,
  access: Access,
): boolean {
  let compiled = compiledCeilings.get(ceiling)
  if (compiled === undefined) {
    compiled = {
      whole: new Set(
        ceiling.flatMap(({ permission: one }) => (typeof one === 'string' ? [one] : [])),
      ),
      scoped: ceiling.flatMap(({ permission: one }) => (typeof one === 'string' ? [] : [one])),
    }
    compiledCeilings.set(ceiling, compiled)
  }
  if (compilePermissionSet(compiled.scoped).allowsAs(permission, access)) return true
  // A name alone stands for what is known to read; a POST about which only the author says so needs the name of writes too.
  return (
    compiled.whole.has(permission) &&
    (!isOnlyDeclaredAsReading(permission, access) || compiled.whole.has('http:write'))
  )
}

function kindOf({ permission }: PolicyRule): PermissionKind {
  return typeof permission === 'string' ? permission : permission.kind
}
