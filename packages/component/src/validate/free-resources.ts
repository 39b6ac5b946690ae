import type { AnyType, ExternType, FuncType } from '../types/extern-type.ts'
import type { ResourceId, ValType } from '../types/val-type.ts'

/** Whether `type` refers to a resource that it does not bind itself and that `wanted` asks for. */
export function refersToResource(
  type: AnyType,
  wanted: (id: ResourceId) => boolean,
  bound: ReadonlySet<ResourceId> = new Set(),
): boolean {
  const externs = (map: ReadonlyMap<string, ExternType>, own: ReadonlySet<ResourceId>): boolean =>
    [...map.values()].some((extern) => externRefersToResource(extern, wanted, own))
  switch (type.kind) {
    case 'value':
      return hasFreeResource(type.type, wanted, bound)
    case 'func':
      return funcRefersToResource(type.type, wanted, bound)
    case 'resource':
      return !bound.has(type.type) && wanted(type.type)
    case 'instance': {
      const own = new Set([...bound, ...type.type.bound])
      return externs(type.type.exports, own)
    }
    case 'component': {
      const own = new Set([...bound, ...type.type.imported, ...type.type.defined])
      return externs(type.type.imports, own) || externs(type.type.exports, own)
    }
  }
}

function externRefersToResource(
  extern: ExternType,
  wanted: (id: ResourceId) => boolean,
  bound: ReadonlySet<ResourceId>,
): boolean {
  switch (extern.sort) {
    case 'core module':
      return false
    case 'func':
      return funcRefersToResource(extern.type, wanted, bound)
    case 'component':
      return refersToResource({ kind: 'component', type: extern.type }, wanted, bound)
    case 'instance':
      return refersToResource({ kind: 'instance', type: extern.type }, wanted, bound)
    case 'type':
      return refersToResource(extern.type, wanted, bound)
  }
}

function funcRefersToResource(
  { params, result }: FuncType,
  wanted: (id: ResourceId) => boolean,
  bound: ReadonlySet<ResourceId>,
): boolean {
  return [...params.map((param) => param.type), ...(result ? [result] : [])].some((value) =>
    hasFreeResource(value, wanted, bound),
  )
}

function hasFreeResource(
  type: ValType,
  wanted: (id: ResourceId) => boolean,
  bound: ReadonlySet<ResourceId>,
): boolean {
  let found = false
  eachResource(type, (id) => {
    if (!bound.has(id) && wanted(id)) found = true
  })
  return found
}

/** Visits every resource that `type` refers to; shared nodes once. */
export function eachResource(
  type: ValType,
  visit: (id: ResourceId) => void,
  seen: Set<ValType> = new Set<ValType>(),
): void {
  if (!type.layout.hasResource || seen.has(type)) return
  seen.add(type)
  const inner = (one: ValType | undefined): void => {
    if (one !== undefined) eachResource(one, visit, seen)
  }
  switch (type.kind) {
    case 'own':
    case 'borrow':
      visit(type.resource)
      break
    case 'record':
      for (const field of type.fields) inner(field.type)
      break
    case 'variant':
      for (const one of type.cases) inner(one.type)
      break
    case 'tuple':
      type.types.forEach(inner)
      break
    case 'list':
    case 'stream':
    case 'future':
      inner(type.element)
      break
    case 'option':
      inner(type.type)
      break
    case 'result':
      inner(type.ok)
      inner(type.error)
      break
    case 'map':
      inner(type.key)
      inner(type.value)
      break
    default:
  }
}
