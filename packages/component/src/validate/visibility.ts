import { invalid } from '../errors.ts'
import type { ExternType, FuncType } from '../types/extern-type.ts'
import type { ResourceName, ValType } from '../types/val-type.ts'
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
  offset: number,
): void {
  // A type of an instance says nothing to anybody by itself; where it is imported or exported, it is looked into.
  if (scope.kind === 'instance type') return
  if (side === 'import' && !isImportable(scope, extern)) {
    throw invalid(
      offset,
      `${extern.sort} not valid to be used as import: it refers to a type that the component defines or exports`,
    )
  }
  const seen = new Set<object>()
  const named = (type: Nameable): boolean =>
    scope.namedByImport.has(type) || (side === 'export' && scope.namedByExport.has(type))
  if (!externVisible(extern, named, seen, new Set())) {
    throw invalid(
      offset,
      `${extern.sort} not valid to be used as ${side}: it uses a type that has no name outside`,
    )
  }
}

/** Imports come before everything else for whoever instantiates, so no type of theirs can be one that comes after. */
function isImportable(scope: Scope, extern: ExternType): boolean {
  const isFree = (type: object): boolean =>
    !scope.namedByExport.has(type) || scope.namedByImport.has(type)
  if (extern.sort === 'instance')
    return [...extern.type.exports.values()].every((inner) => isImportable(scope, inner))
  if (extern.sort !== 'type') return true
  const { kind, type } = extern.type
  if (kind === 'resource') return isFree(extern.type) && !scope.defines(type)
  if (kind === 'value') return isFree(type) && (type.source === undefined || isFree(type.source))
  return isFree(type) && !refersToResource(extern.type, (id) => scope.defines(id))
}

/** Value types are known by their node, resources by the name they are meant by. */
type Nameable = ValType | ResourceName
type Named = (type: Nameable) => boolean

function externVisible(
  extern: ExternType,
  named: Named,
  seen: Set<object>,
  local: Set<Nameable>,
): boolean {
  switch (extern.sort) {
    case 'func':
      return funcVisible(extern.type, named, seen, local)
    case 'type':
      // The new index is a name for the outermost type; what it is made of needs its own.
      if (extern.type.kind === 'value') return partsVisible(extern.type.type, named, seen, local)
      if (extern.type.kind === 'func') return funcVisible(extern.type.type, named, seen, local)
      if (extern.type.kind === 'instance')
        return externVisible({ sort: 'instance', type: extern.type.type }, named, seen, local)
      return true
    case 'instance': {
      const inside = new Set(local)
      for (const inner of extern.type.exports.values()) {
        if (!externVisible(inner, named, seen, inside)) return false
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
    if (inner.sort === 'type' && inner.type.kind === 'value') into.add(inner.type.type)
    else if (inner.sort === 'type' && inner.type.kind === 'resource') into.add(inner.type)
    else if (inner.sort === 'instance') addExports(inner, into)
  }
}

function funcVisible(
  type: FuncType,
  named: Named,
  seen: Set<object>,
  local: Set<Nameable>,
): boolean {
  return [...type.params.map((param) => param.type), ...(type.result ? [type.result] : [])].every(
    (value) => valueVisible(value, named, seen, local),
  )
}

function valueVisible(
  type: ValType,
  named: Named,
  seen: Set<object>,
  local: Set<Nameable>,
): boolean {
  switch (type.kind) {
    case 'record':
    case 'variant':
    case 'enum':
    case 'flags':
      return named(type) || local.has(type)
    case 'own':
    case 'borrow':
      return named(type.named) || local.has(type.named)
    default:
      return partsVisible(type, named, seen, local)
  }
}

function partsVisible(
  type: ValType,
  named: Named,
  seen: Set<object>,
  local: Set<Nameable>,
): boolean {
  if (seen.has(type)) return true
  seen.add(type)
  const visible = (part: ValType | undefined): boolean =>
    part === undefined || valueVisible(part, named, seen, local)
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
