import { invalid } from '../errors.ts'
import { tryParseExternName } from '../names/extern-name.ts'
import type { ExternType, FuncType } from '../types/extern-type.ts'
import type { ResourceName } from '../types/val-type.ts'

/**
 * Checks what `[constructor]r`, `[method]r.f` and `[static]r.f` say about an item: that it is a function, that `r` is a resource that
 * one of `items` before it gives that name, and that the function fits it (Component Model, Binary.md, "Import and Export Definitions").
 *
 * @throws {@link EngineError} `ERR_COMPONENT_INVALID`
 */
export function checkAnnotatedName(
  items: ReadonlyMap<string, ExternType>,
  name: string,
  extern: ExternType,
  offset: number,
): void {
  const parsed = tryParseExternName(name)
  if (parsed === undefined || !('resource' in parsed)) return
  const refuse = (why: string): never => {
    throw invalid(offset, `name ${JSON.stringify(name)} is not valid: ${why}`)
  }
  if (extern.sort !== 'func') return refuse('the item is not a func')
  if (parsed.kind === 'static') {
    if (resourceAt(items, parsed.resource) === undefined)
      refuse('static resource name is not known in this context')
    return
  }
  const used = parsed.kind === 'constructor' ? made(extern.type, refuse) : self(extern.type, refuse)
  if (used === resourceAt(items, parsed.resource)) return
  const known = [...items].find(([, item]) => item.sort === 'type' && item.type === used)
  refuse(
    known === undefined
      ? 'the resource used in the function does not have a name in this context'
      : `the function does not match the expected resource name ${JSON.stringify(known[0])}`,
  )
}

function resourceAt(
  items: ReadonlyMap<string, ExternType>,
  name: string,
): ResourceName | undefined {
  const item = items.get(name)
  return item?.sort === 'type' && item.type.kind === 'resource' ? item.type : undefined
}

/** The resource that a constructor makes. */
function made({ isAsync, result }: FuncType, refuse: (why: string) => never): ResourceName {
  if (isAsync) refuse('a constructor cannot be async')
  if (result === undefined) return refuse('the function should return one value')
  const value = result.kind === 'result' ? result.ok : result
  if (value?.kind !== 'own')
    return refuse('the function should return (own $T) or (result (own $T))')
  return value.named
}

/** The resource that a method is called on. */
function self({ params }: FuncType, refuse: (why: string) => never): ResourceName {
  const [first] = params
  if (first === undefined) return refuse('the function should have at least one argument')
  if (first.name !== 'self') refuse('the function should have a first argument called "self"')
  if (first.type.kind !== 'borrow')
    return refuse('the function should take a first argument of (borrow $T)')
  return first.type.named
}
