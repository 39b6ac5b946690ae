import type { JsonValue } from '@morphee/core'
import type { ActionSpec } from '../manifest.ts'
import { NEVER_IN_READ, type PermissionKind, tryParsePermissionKind } from '../permissions/kinds.ts'
import type { PermissionRequest } from '../permissions/permission.ts'
import type { CheckContext } from './check-manifest.ts'
import { checkSchemaAt } from './check-schema.ts'
import type { Path } from './diagnostics.ts'
import { memberOf } from './shape.ts'
import { quoted } from './quoted.ts'

/** What an action without `input` takes: nothing. */
const NO_INPUT: JsonValue = { type: 'object', additionalProperties: false }

/** Most actions of one extension. */
export const MAX_ACTIONS = 200

/** The actions of a manifest. */
export function checkActions(
  value: JsonValue | undefined,
  path: Path,
  context: CheckContext,
  permissions: readonly PermissionRequest[],
): Record<string, ActionSpec> | undefined {
  const { shape } = context
  const object = shape.map(value, path)
  if (object === undefined) return undefined
  const names = Object.keys(object)
  if (names.length === 0) shape.report(path, 'must hold at least one action')
  if (names.length > MAX_ACTIONS)
    shape.report(path, `has ${names.length} actions; at most ${MAX_ACTIONS} are read`)
  const actions: Record<string, ActionSpec> = {}
  for (const name of names.slice(0, MAX_ACTIONS)) {
    const at = [...path, name]
    if (!isPlainName(name)) {
      shape.report(
        at,
        `the action name ${quoted(name)} must be lower-case words joined by hyphens, at most 64 characters`,
      )
      continue
    }
    const action = checkAction(memberOf(object, name), at, context, permissions)
    if (action !== undefined) actions[name] = action
  }
  return actions
}

/** Names of actions and credentials: kebab-case, and never the name of something every object inherits. */
export function isPlainName(name: string): boolean {
  return (
    name.length <= 64 && /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) && !(name in Object.prototype)
  )
}

function checkAction(
  value: JsonValue | undefined,
  path: Path,
  context: CheckContext,
  permissions: readonly PermissionRequest[],
): ActionSpec | undefined {
  const { shape } = context
  const object = shape.object(value, path, [
    'title',
    'description',
    'effect',
    'uses',
    'input',
    'output',
  ])
  if (object === undefined) return undefined
  const title = shape.text(memberOf(object, 'title'), [...path, 'title'], 80)
  const describedAs = memberOf(object, 'description')
  const description =
    describedAs === undefined
      ? undefined
      : shape.text(describedAs, [...path, 'description'], 2000, 'many')
  const effect = shape.oneOf(
    memberOf(object, 'effect'),
    [...path, 'effect'],
    ['read', 'write', 'destructive'],
  )
  const used = memberOf(object, 'uses')
  const uses =
    used === undefined
      ? undefined
      : checkUses(used, [...path, 'uses'], context, permissions, effect)
  const input = memberOf(object, 'input') ?? NO_INPUT
  const output = memberOf(object, 'output') ?? true
  checkSchemaAt(input, [...path, 'input'], shape.report)
  checkSchemaAt(output, [...path, 'output'], shape.report)
  if (title === undefined || effect === undefined) return undefined
  return {
    title,
    ...(description === undefined ? {} : { description }),
    effect,
    ...(uses === undefined ? {} : { uses }),
    input,
    output,
  }
}

function checkUses(
  value: JsonValue,
  path: Path,
  context: CheckContext,
  permissions: readonly PermissionRequest[],
  effect: string | undefined,
): PermissionKind[] {
  const uses: PermissionKind[] = []
  for (const [i, item] of (context.shape.list(value, path, 20) ?? []).entries()) {
    const text = context.shape.string(item, [...path, i])
    if (text === undefined) continue
    const kind = tryParsePermissionKind(text)
    const say = (message: string): void => context.report([...path, i], message)
    if (kind === undefined) say(`unknown permission ${quoted(text)}`)
    else if (uses.includes(kind)) say(`${kind} is listed twice`)
    else if (!permissions.some((permission) => permission.kind === kind))
      say(`${kind} is not among the permissions that the manifest asks for`)
    else if (effect === 'read' && NEVER_IN_READ.has(kind))
      say(`an action with effect: read never has ${kind}`)
    else uses.push(kind)
  }
  return uses
}
