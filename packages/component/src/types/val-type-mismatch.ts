import type { WorkBudget } from '../limits.ts'
import type { FuncType } from './extern-type.ts'
import type { ValType } from './val-type.ts'

type Of<Kind extends ValType['kind']> = Extract<ValType, { kind: Kind }>
type Maybe = ValType | undefined

/**
 * Why the value type `a` is not `b`, both written out, or `undefined` when it is. Value types have no subtypes: what crosses a boundary
 * is copied once, by a routine made for one type.
 */
export function valTypeMismatch(a: ValType, b: ValType, budget: WorkBudget): string | undefined {
  if (a === b) return undefined
  // Cases and labels without types of their own are compared too, and a small file can ask for it often.
  budget.spend(1 + ('cases' in b ? b.cases.length : 'names' in b ? b.names.length : 0))
  const found: string = a.kind
  if (found !== b.kind) return `expected ${b.kind}, found ${found}`
  switch (b.kind) {
    case 'record': {
      const { fields } = a as Of<'record'>
      if (fields.length !== b.fields.length) return counts(b.fields, fields, 'fields')
      return firstOf(b.fields, (wanted, index) => {
        const { name, type } = fields[index] as (typeof fields)[number]
        if (name !== wanted.name) return names('field name', wanted.name, name)
        return within(`record field ${quote(name)}`, valTypeMismatch(type, wanted.type, budget))
      })
    }
    case 'variant': {
      const { cases } = a as Of<'variant'>
      if (cases.length !== b.cases.length) return counts(b.cases, cases, 'cases')
      return firstOf(b.cases, (wanted, index) => {
        const { name, type } = cases[index] as (typeof cases)[number]
        if (name !== wanted.name) return names('case named', wanted.name, name)
        if (wanted.type !== undefined && type === undefined)
          return `expected case ${quote(name)} to have a type, found none`
        if (wanted.type === undefined && type !== undefined)
          return `expected case ${quote(name)} to have no type`
        return within(`variant case ${quote(name)}`, optional('type', type, wanted.type, budget))
      })
    }
    case 'tuple': {
      const { types } = a as Of<'tuple'>
      if (types.length !== b.types.length) return counts(b.types, types, 'types')
      return firstOf(b.types, (wanted, index) =>
        within(`tuple field ${index}`, valTypeMismatch(types[index] as ValType, wanted, budget)),
      )
    }
    case 'flags':
    case 'enum':
      return (a as Of<'flags' | 'enum'>).names.join() === b.names.join()
        ? undefined
        : `mismatch in ${b.kind} elements`
    case 'list': {
      const { element, length } = a as Of<'list'>
      if (length !== b.length)
        return `expected a list of ${b.length ?? 'any'} elements, found one of ${length ?? 'any'}`
      return within('list element', valTypeMismatch(element, b.element, budget))
    }
    case 'option':
      return within('option', valTypeMismatch((a as Of<'option'>).type, b.type, budget))
    case 'result': {
      const { ok, error } = a as Of<'result'>
      return optional('ok type', ok, b.ok, budget) ?? optional('err type', error, b.error, budget)
    }
    case 'own':
    case 'borrow':
      return (a as Of<'own' | 'borrow'>).resource === b.resource
        ? undefined
        : 'resource types are not the same'
    case 'stream':
    case 'future':
      return optional(
        `${b.kind} element`,
        (a as Of<'stream' | 'future'>).element,
        b.element,
        budget,
      )
    case 'map': {
      const { key, value } = a as Of<'map'>
      return (
        within('map key', valTypeMismatch(key, b.key, budget)) ??
        within('map value', valTypeMismatch(value, b.value, budget))
      )
    }
    default:
      return undefined
  }
}

/** As {@link valTypeMismatch}, of functions. */
export function funcTypeMismatch(a: FuncType, b: FuncType, budget: WorkBudget): string | undefined {
  if (a === b) return undefined
  if (a.isAsync !== b.isAsync)
    return `expected ${asyncness(b)} function, found ${asyncness(a)} function`
  if (a.params.length !== b.params.length) return counts(b.params, a.params, 'parameters')
  const why = firstOf(b.params, (wanted, index) => {
    const { name, type } = a.params[index] as (typeof a.params)[number]
    if (name !== wanted.name) return names('parameter named', wanted.name, name)
    return within(`function parameter ${quote(name)}`, valTypeMismatch(type, wanted.type, budget))
  })
  return why ?? optional('result', a.result, b.result, budget)
}

function asyncness(type: FuncType): string {
  return type.isAsync ? 'async' : 'sync'
}

function quote(name: string): string {
  return JSON.stringify(name)
}

function counts(wanted: readonly unknown[], found: readonly unknown[], what: string): string {
  return `expected ${wanted.length} ${what}, found ${found.length}`
}

function names(what: string, wanted: string, found: string): string {
  return `expected ${what} ${quote(wanted)}, found ${quote(found)}`
}

function within(where: string, why: string | undefined): string | undefined {
  return why === undefined ? undefined : `type mismatch in ${where}: ${why}`
}

function optional(what: string, a: Maybe, b: Maybe, budget: WorkBudget): string | undefined {
  if (a === undefined && b === undefined) return undefined
  if (a === undefined) return `expected ${what}, found none`
  if (b === undefined) return `expected ${what} to not be present`
  return within(what, valTypeMismatch(a, b, budget))
}

function firstOf<T>(
  items: readonly T[],
  why: (item: T, index: number) => string | undefined,
): string | undefined {
  for (const [index, item] of items.entries()) {
    const reason = why(item, index)
    if (reason !== undefined) return reason
  }
  return undefined
}
