import { invalid } from '../errors.ts'
import type { WorkBudget } from '../limits.ts'
import type { ExternType, FuncType } from '../types/extern-type.ts'
import { childrenOf, type ResourceName, type ValType } from '../types/val-type.ts'
import { refersToResource } from './free-resources.ts'
import type { Scope } from './scope.ts'

/**
 * Which types the outside can name.
 *
 * A function that is imported or exported may use resources, records, variants, enums and flags only under a name that an import or
 * export gave them (Component Model, Explainer.md, "External Visibility of Types"). The name belongs to the new type index, not to
 * the type it was made from, so introducing a type copies its node: {@link markVisible}.
 */
export function checkVisible(
  scope: Scope,
  side: 'import' | 'export',
  extern: ExternType,
  budget: WorkBudget,
  offset: number,
): void {
  // A type of an instance says nothing to anybody by itself; where it is imported or exported, it is looked into.
  if (scope.kind === 'instance type') return
  if (side === 'import' && !isImportable(scope, extern, budget)) {
    throw invalid(
      offset,
      `${extern.sort} not valid to be used as import: it refers to a type that the component defines or exports`,
    )
  }
  const named = (type: Nameable): boolean =>
    scope.namedByImport.has(type) || (side === 'export' && scope.namedByExport.has(type))
  if (!externVisible(extern, { named, budget, seen: new Set() }, new Set())) {
    throw invalid(
      offset,
      `${extern.sort} not valid to be used as ${side}: it uses a type that has no name outside`,
    )
  }
}

/** Imports come before everything else for whoever instantiates, so no type of theirs can be one that comes after. */
function isImportable(scope: Scope, extern: ExternType, budget: WorkBudget): boolean {
  const isFree = (type: object): boolean =>
    !scope.namedByExport.has(type) || scope.namedByImport.has(type)
  if (extern.sort === 'instance')
    return [...extern.type.exports.values()].every((inner) => isImportable(scope, inner, budget))
  if (extern.sort !== 'type') return true
  const { kind, type } = extern.type
  if (kind === 'resource') return isFree(extern.type) && !scope.defines(type)
  if (kind === 'value') return isFree(type) && (type.source === undefined || isFree(type.source))
  return isFree(type) && !refersToResource(extern.type, (id) => scope.defines(id), budget)
}

/** Value types are known by their node, resources by the name they are meant by. */
type Nameable = ValType | ResourceName

/** One look at everything that an import or export uses. A small file can use large types often, so each step is paid for. */
interface Look {
  readonly named: (type: Nameable) => boolean
  readonly seen: Set<object>
  readonly budget: WorkBudget
}

function externVisible(extern: ExternType, look: Look, local: Set<Nameable>): boolean {
  switch (extern.sort) {
    case 'func':
      return funcVisible(extern.type, look, local)
    case 'type':
      // The new index is a name for the outermost type; what it is made of needs its own.
      if (extern.type.kind === 'value') return partsVisible(extern.type.type, look, local)
      if (extern.type.kind === 'func') return funcVisible(extern.type.type, look, local)
      if (extern.type.kind === 'instance')
        return externVisible({ sort: 'instance', type: extern.type.type }, look, local)
      return true
    case 'instance': {
      look.budget.spend(local.size + extern.type.exports.size)
      const inside = new Set(local)
      for (const inner of extern.type.exports.values()) {
        if (!externVisible(inner, look, inside)) return false
        if (inner.sort === 'type' && inner.type.kind === 'value') inside.add(inner.type.type)
        else if (inner.sort === 'type' && inner.type.kind === 'resource') inside.add(inner.type)
        else if (inner.sort === 'instance') addExports(inner, inside)
      }
      return true
    }
    default:
      return true
  }
}

function addExports(extern: Extract<ExternType, { sort: 'instance' }>, into: Set<object>): void {
  for (const inner of extern.type.exports.values()) {
    if (inner.sort === 'type')
      into.add(inner.type.kind === 'resource' ? inner.type : inner.type.type)
    else if (inner.sort === 'instance') addExports(inner, into)
  }
}

function funcVisible(type: FuncType, look: Look, local: Set<Nameable>): boolean {
  look.budget.spend(type.params.length + 1)
  return [...type.params.map((param) => param.type), ...(type.result ? [type.result] : [])].every(
    (value) => valueVisible(value, look, local),
  )
}

function valueVisible(type: ValType, look: Look, local: Set<Nameable>): boolean {
  switch (type.kind) {
    case 'record':
    case 'variant':
    case 'enum':
    case 'flags':
      return look.named(type) || local.has(type)
    case 'own':
    case 'borrow':
      return look.named(type.named) || local.has(type.named)
    default:
      return partsVisible(type, look, local)
  }
}

function partsVisible(type: ValType, look: Look, local: Set<Nameable>): boolean {
  // A primitive: a function can have thousands.
  if (type.layout.nodes === 1 && !type.layout.hasResource) return true
  if (look.seen.has(type)) return true
  look.seen.add(type)
  look.budget.spend(childrenOf(type).length + 1)
  const visible = (part: ValType | undefined): boolean =>
    part === undefined || valueVisible(part, look, local)
  switch (type.kind) {
    case 'record':
      return type.fields.every((field) => visible(field.type))
    case 'variant':
      return type.cases.every((one) => visible(one.type))
    case 'tuple':
      return type.types.every(visible)
    case 'list':
    case 'stream':
    case 'future':
      return visible(type.element)
    case 'option':
      return visible(type.type)
    case 'result':
      return visible(type.ok) && visible(type.error)
    case 'map':
      return visible(type.key) && visible(type.value)
    case 'own':
    case 'borrow':
      return visible(type)
    default:
      return true
  }
}

/** The item as it is known under its new name, with a node of its own where types are told apart by it. */
export function markVisible(
  scope: Scope,
  side: 'import' | 'export',
  extern: ExternType,
): ExternType {
  const names = side === 'import' ? scope.namedByImport : scope.namedByExport
  if (extern.sort === 'type') {
    if (extern.type.kind === 'value') {
      const type = { ...extern.type.type, source: extern.type.type }
      names.add(type)
      return { sort: 'type', type: { kind: 'value', type } }
    }
    if (extern.type.kind === 'resource') {
      const type = { ...extern.type, source: extern.type }
      names.add(type)
      return { sort: 'type', type }
    }
    names.add(extern.type.type)
  } else if (extern.sort === 'instance') {
    addExports(extern, names)
  }
  return extern
}
