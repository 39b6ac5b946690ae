import type { CoreFuncTypeAst } from '../binary/ast.ts'
import type { CoreExtern, CoreModuleType } from '../core/module-info.ts'
import type { WorkBudget } from '../limits.ts'
import type { AnyType, ComponentType, ExternType, InstanceType } from './extern-type.ts'
import { Substitution } from './substitute.ts'
import { funcTypeMismatch, valTypeMismatch } from './val-type-mismatch.ts'
import type { ResourceId, ResourceName, ValType } from './val-type.ts'

/** Why `a` cannot stand where `b` is expected, or `undefined` when it can. */
export function mismatch(a: ExternType, b: ExternType, budget: WorkBudget): string | undefined {
  budget.spend(1)
  if (a.sort !== b.sort) return `expected ${b.sort}, found ${a.sort}`
  switch (a.sort) {
    case 'core module': {
      const other = (b as typeof a).type
      budget.spend(a.type.imports.length + other.imports.length + other.exports.size)
      return moduleMismatch(a.type, other)
    }
    case 'func':
      return funcTypeMismatch(a.type, (b as typeof a).type, budget)
    case 'instance':
      return instanceMismatch(a.type, (b as typeof a).type, budget)
    case 'component':
      return componentMismatch(a.type, (b as typeof a).type, budget)
    case 'type':
      return typeMismatch(a.type, (b as typeof a).type, budget)
  }
}

function typeMismatch(a: AnyType, b: AnyType, budget: WorkBudget): string | undefined {
  if (a.kind !== b.kind) return `expected ${b.kind} type, found ${a.kind} type`
  switch (a.kind) {
    case 'value':
      return valTypeMismatch(a.type, (b as typeof a).type, budget)
    case 'func':
      return funcTypeMismatch(a.type, (b as typeof a).type, budget)
    case 'resource':
      return a.type === (b as typeof a).type ? undefined : 'resource types are not the same'
    case 'instance': {
      const other = (b as typeof a).type
      return instanceMismatch(a.type, other, budget) ?? instanceMismatch(other, a.type, budget)
    }
    case 'component': {
      const other = (b as typeof a).type
      return componentMismatch(a.type, other, budget) ?? componentMismatch(other, a.type, budget)
    }
  }
}

function instanceMismatch(
  a: InstanceType,
  b: InstanceType,
  budget: WorkBudget,
): string | undefined {
  if (a === b) return undefined
  const map = new Map<ResourceId, ResourceId>()
  const bound = new Set(b.bound)
  for (const [name, expected] of b.exports) {
    const actual = a.exports.get(name)
    if (actual !== undefined) matchResources(expected, actual, bound, map)
  }
  return exportsMismatch(a.exports, new Substitution(map, budget).externs(b.exports), budget)
}

function exportsMismatch(
  a: ReadonlyMap<string, ExternType>,
  b: ReadonlyMap<string, ExternType>,
  budget: WorkBudget,
): string | undefined {
  for (const [name, expected] of b) {
    const actual = a.get(name)
    if (actual === undefined) return `missing expected export ${JSON.stringify(name)}`
    const why = mismatch(actual, expected, budget)
    if (why !== undefined) return `type mismatch in instance export ${JSON.stringify(name)}: ${why}`
  }
  return undefined
}

/** Learns from `actual` which resource each id in `open` stands for. */
export function matchResources(
  expected: ExternType,
  actual: ExternType,
  open: ReadonlySet<ResourceId>,
  map: Map<ResourceId, ResourceId>,
  names?: Map<ValType | ResourceName, ValType | ResourceName>,
): void {
  if (expected.sort === 'type' && actual.sort === 'type') {
    if (expected.type.kind === 'value' && actual.type.kind === 'value')
      names?.set(expected.type.type, actual.type.type)
    if (expected.type.kind === 'resource' && actual.type.kind === 'resource') {
      names?.set(expected.type, actual.type)
      const { type } = expected.type
      if (open.has(type) && !map.has(type)) map.set(type, actual.type.type)
    }
  } else if (expected.sort === 'instance' && actual.sort === 'instance') {
    for (const [name, inner] of expected.type.exports) {
      const other = actual.type.exports.get(name)
      if (other !== undefined) matchResources(inner, other, open, map, names)
    }
  }
}

/** What instantiating `component` with `args` substitutes, or why the arguments do not fit. */
export function matchImports(
  component: ComponentType,
  args: ReadonlyMap<string, ExternType>,
  budget: WorkBudget,
  names?: Map<ValType | ResourceName, ValType | ResourceName>,
): Map<ResourceId, ResourceId> | string {
  const map = new Map<ResourceId, ResourceId>()
  const open = new Set(component.imported)
  for (const [name, expected] of component.imports) {
    const actual = args.get(name)
    if (actual === undefined) return `missing import named ${JSON.stringify(name)}`
    matchResources(expected, actual, open, map, names)
    const why = mismatch(actual, new Substitution(map, budget).extern(expected), budget)
    if (why !== undefined) return `type mismatch for import ${JSON.stringify(name)}: ${why}`
  }
  return map
}

function componentMismatch(
  a: ComponentType,
  b: ComponentType,
  budget: WorkBudget,
): string | undefined {
  if (a === b) return undefined
  const map = matchImports(a, b.imports, budget)
  if (typeof map === 'string') return map
  const exports = new Substitution(map, budget).externs(a.exports)
  const open = new Set(b.defined)
  const defined = new Map<ResourceId, ResourceId>()
  for (const [name, expected] of b.exports) {
    const actual = exports.get(name)
    if (actual !== undefined) matchResources(expected, actual, open, defined)
  }
  return exportsMismatch(exports, new Substitution(defined, budget).externs(b.exports), budget)
}

function sameCoreFunc(a: CoreFuncTypeAst, b: CoreFuncTypeAst): boolean {
  return a.params.join() === b.params.join() && a.results.join() === b.results.join()
}

function formatCoreFunc({ params, results }: CoreFuncTypeAst): string {
  return `[${params.join(' ')}] -> [${results.join(' ')}]`
}

function limitsMismatch(
  a: { min: number; max: number | undefined },
  b: { min: number; max: number | undefined },
): boolean {
  return a.min < b.min || (b.max !== undefined && (a.max === undefined || a.max > b.max))
}

/** Why the core item `a` cannot be imported as `b`, or `undefined` when it can. */
export function coreMismatch(a: CoreExtern, b: CoreExtern): string | undefined {
  if (a.kind !== b.kind) return `expected ${b.kind}, found ${a.kind}`
  switch (a.kind) {
    case 'func':
    case 'tag':
      return sameCoreFunc(a.type, (b as typeof a).type)
        ? undefined
        : `expected ${a.kind} type ${formatCoreFunc((b as typeof a).type)}, found ${formatCoreFunc(a.type)}`
    case 'global': {
      const other = b as typeof a
      if (a.type !== other.type) return `expected global type ${other.type}, found ${a.type}`
      return a.mutable === other.mutable ? undefined : 'mismatch in the mutability of globals'
    }
    case 'table': {
      const other = b as typeof a
      if (a.element !== other.element)
        return `expected table element type ${other.element}, found ${a.element}`
      return limitsMismatch(a, other) ? 'mismatch in table limits' : undefined
    }
    case 'memory': {
      const other = b as typeof a
      if (a.shared !== other.shared) return 'mismatch in the shared flag for memories'
      return limitsMismatch(a, other) ? 'mismatch in memory limits' : undefined
    }
  }
}

function moduleMismatch(a: CoreModuleType, b: CoreModuleType): string | undefined {
  const given = new Map(b.imports.map((one) => [JSON.stringify([one.module, one.name]), one]))
  for (const wanted of a.imports) {
    const offered = given.get(JSON.stringify([wanted.module, wanted.name]))
    if (offered === undefined)
      return `missing expected import ${JSON.stringify(`${wanted.module}::${wanted.name}`)}`
    const why = coreMismatch(offered.type, wanted.type)
    if (why !== undefined)
      return `type mismatch in import ${JSON.stringify(`${wanted.module}::${wanted.name}`)}: ${why}`
  }
  for (const [name, expected] of b.exports) {
    const actual = a.exports.get(name)
    if (actual === undefined) return `missing expected export ${JSON.stringify(name)}`
    const why = coreMismatch(actual, expected)
    if (why !== undefined) return `type mismatch in export ${JSON.stringify(name)}: ${why}`
  }
  return undefined
}
