import type { WorkBudget } from '../limits.ts'
import type { AnyType, ExternType, FuncType } from '../types/extern-type.ts'
import { childrenOf, type ResourceId, type ValType } from '../types/val-type.ts'

/** Whether `type` refers to a resource that it does not bind itself and that `wanted` asks for. */
export function refersToResource(
  type: AnyType,
  wanted: (id: ResourceId) => boolean,
  budget: WorkBudget,
  bound: ReadonlySet<ResourceId> = new Set(),
): boolean {
  const externs = (map: ReadonlyMap<string, ExternType>, own: ReadonlySet<ResourceId>): boolean =>
    [...map.values()].some((extern) => externRefersToResource(extern, wanted, budget, own))
  switch (type.kind) {
    case 'value':
      return hasFreeResource(type.type, wanted, budget, bound)
    case 'func':
      return funcRefersToResource(type.type, wanted, budget, bound)
    case 'resource':
      return !bound.has(type.type) && wanted(type.type)
    case 'instance': {
      budget.spend(bound.size + type.type.bound.length)
      const own = new Set([...bound, ...type.type.bound])
      return externs(type.type.exports, own)
    }
    case 'component': {
      budget.spend(bound.size + type.type.imported.length + type.type.defined.length)
      const own = new Set([...bound, ...type.type.imported, ...type.type.defined])
      return externs(type.type.imports, own) || externs(type.type.exports, own)
    }
  }
}

function externRefersToResource(
  extern: ExternType,
  wanted: (id: ResourceId) => boolean,
  budget: WorkBudget,
  bound: ReadonlySet<ResourceId>,
): boolean {
  switch (extern.sort) {
    case 'core module':
      return false
    case 'func':
      return funcRefersToResource(extern.type, wanted, budget, bound)
    case 'component':
      return refersToResource({ kind: 'component', type: extern.type }, wanted, budget, bound)
    case 'instance':
      return refersToResource({ kind: 'instance', type: extern.type }, wanted, budget, bound)
    case 'type':
      return refersToResource(extern.type, wanted, budget, bound)
  }
}

function funcRefersToResource(
  { params, result }: FuncType,
  wanted: (id: ResourceId) => boolean,
  budget: WorkBudget,
  bound: ReadonlySet<ResourceId>,
): boolean {
  budget.spend(params.length + 1)
  return [...params.map((param) => param.type), ...(result ? [result] : [])].some((value) =>
    hasFreeResource(value, wanted, budget, bound),
  )
}

function hasFreeResource(
  type: ValType,
  wanted: (id: ResourceId) => boolean,
  budget: WorkBudget,
  bound: ReadonlySet<ResourceId>,
): boolean {
  let found = false
  eachResource(type, budget, (id) => {
    if (!bound.has(id) && wanted(id)) found = true
  })
  return found
}

/** Visits every resource that `type` refers to; shared nodes once. */
function eachResource(
  type: ValType,
  budget: WorkBudget,
  visit: (id: ResourceId) => void,
  seen: Set<ValType> = new Set<ValType>(),
): void {
  if (!type.layout.hasResource || seen.has(type)) return
  seen.add(type)
  budget.spend(childrenOf(type).length + 1)
  const inner = (one: ValType | undefined): void => {
    if (one !== undefined) eachResource(one, budget, visit, seen)
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
