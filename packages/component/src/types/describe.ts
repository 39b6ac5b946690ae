import type { PrimitiveName } from '../binary/ast.ts'
import type { ComponentType, ExternType, FuncType } from './extern-type.ts'
import type { ResourceId, ValType } from './val-type.ts'

/**
 * The type of a component value, as plain data: it survives JSON and `postMessage`.
 *
 * Names are those of WIT. A type used in several places is one shared object, so what is small as a graph stays small.
 */
export type ValueType =
  | { readonly kind: Exclude<PrimitiveName, 'error-context'> }
  | { readonly kind: 'list'; readonly element: ValueType; readonly length?: number }
  | { readonly kind: 'record'; readonly fields: readonly NamedType[] }
  | { readonly kind: 'tuple'; readonly types: readonly ValueType[] }
  | {
      readonly kind: 'variant'
      readonly cases: readonly { readonly name: string; readonly type: ValueType | null }[]
    }
  | { readonly kind: 'enum' | 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly type: ValueType }
  | { readonly kind: 'result'; readonly ok: ValueType | null; readonly error: ValueType | null }
  | { readonly kind: 'map'; readonly key: ValueType; readonly value: ValueType }
  /** `resource` is the name under which its type came into sight. */
  | { readonly kind: 'own' | 'borrow'; readonly resource: string }
  | { readonly kind: 'unsupported'; readonly feature: string }

/** A parameter or field. */
export interface NamedType {
  readonly name: string
  readonly type: ValueType
}

/** The type of a function, as plain data. */
export interface FuncDescription {
  readonly kind: 'func'
  readonly params: readonly NamedType[]
  readonly result: ValueType | null
}

/** What stands behind a name that a component imports or exports. */
export type ExternDescription =
  | FuncDescription
  | { readonly kind: 'instance'; readonly exports: readonly NamedExtern[] }
  | { readonly kind: 'type'; readonly type: ValueType | { readonly kind: 'resource' } | null }
  | { readonly kind: 'component' }
  | { readonly kind: 'core module' }

/** An import or export with its name, as WIT spells it (`morphee:extension/log@0.9.0`, `invoke`). */
export type NamedExtern = ExternDescription & { readonly name: string }

/** Turns internal types into plain data, each node once. */
class Describer {
  readonly #made = new Map<ValType, ValueType>()
  readonly #resources = new Map<ResourceId, string>()

  constructor(type: ComponentType) {
    for (const externs of [type.imports, type.exports]) this.#nameResources(externs, '')
  }

  #nameResources(externs: ReadonlyMap<string, ExternType>, prefix: string): void {
    for (const [name, extern] of externs) {
      if (extern.sort === 'instance') this.#nameResources(extern.type.exports, `${prefix}${name}#`)
      else if (
        extern.sort === 'type' &&
        extern.type.kind === 'resource' &&
        !this.#resources.has(extern.type.type)
      ) {
        this.#resources.set(extern.type.type, `${prefix}${name}`)
      }
    }
  }

  value(type: ValType): ValueType {
    const before = this.#made.get(type)
    if (before !== undefined) return before
    const made = this.#describe(type)
    this.#made.set(type, made)
    return made
  }

  #optional(type: ValType | undefined): ValueType | null {
    return type === undefined ? null : this.value(type)
  }

  #describe(type: ValType): ValueType {
    switch (type.kind) {
      case 'record':
        return {
          kind: 'record',
          fields: type.fields.map((field) => ({ name: field.name, type: this.value(field.type) })),
        }
      case 'variant':
        return {
          kind: 'variant',
          cases: type.cases.map((one) => ({ name: one.name, type: this.#optional(one.type) })),
        }
      case 'list': {
        const element = this.value(type.element)
        return type.length === undefined
          ? { kind: 'list', element }
          : { kind: 'list', element, length: type.length }
      }
      case 'tuple':
        return { kind: 'tuple', types: type.types.map((inner) => this.value(inner)) }
      case 'enum':
      case 'flags':
        return { kind: type.kind, names: type.names }
      case 'option':
        return { kind: 'option', type: this.value(type.type) }
      case 'result':
        return { kind: 'result', ok: this.#optional(type.ok), error: this.#optional(type.error) }
      case 'map':
        return { kind: 'map', key: this.value(type.key), value: this.value(type.value) }
      case 'own':
      case 'borrow':
        return {
          kind: type.kind,
          resource: this.#resources.get(type.resource) ?? type.resource.name,
        }
      case 'stream':
      case 'future':
      case 'error-context':
        return { kind: 'unsupported', feature: type.kind }
      default:
        return { kind: type.kind }
    }
  }

  func(type: FuncType): FuncDescription {
    return {
      kind: 'func',
      params: type.params.map(({ name, type: param }) => ({ name, type: this.value(param) })),
      result: this.#optional(type.result),
    }
  }

  extern(extern: ExternType): ExternDescription {
    switch (extern.sort) {
      case 'func':
        return this.func(extern.type)
      case 'instance':
        return { kind: 'instance', exports: this.all(extern.type.exports) }
      case 'type':
        if (extern.type.kind === 'value')
          return { kind: 'type', type: this.value(extern.type.type) }
        return { kind: 'type', type: extern.type.kind === 'resource' ? { kind: 'resource' } : null }
      case 'component':
      case 'core module':
        return { kind: extern.sort }
    }
  }

  all(externs: ReadonlyMap<string, ExternType>): NamedExtern[] {
    return [...externs].map(([name, extern]) => ({ name, ...this.extern(extern) }))
  }
}

export function describeComponent(type: ComponentType): {
  imports: readonly NamedExtern[]
  exports: readonly NamedExtern[]
} {
  const describer = new Describer(type)
  return { imports: describer.all(type.imports), exports: describer.all(type.exports) }
}

/** Whether two value types are the same. Names of fields, cases and flags count, as they do in WIT. */
export function sameValueType(a: ValueType | null, b: ValueType | null): boolean {
  if (a === b) return true
  if (a === null || b === null || a.kind !== b.kind) return false
  switch (a.kind) {
    case 'list':
      return (
        a.length === (b as typeof a).length && sameValueType(a.element, (b as typeof a).element)
      )
    case 'record':
      return sameNamed(a.fields, (b as typeof a).fields)
    case 'tuple': {
      const { types } = b as typeof a
      return (
        a.types.length === types.length &&
        a.types.every((type, index) => sameValueType(type, types[index] ?? null))
      )
    }
    case 'variant':
      return sameNamed(a.cases, (b as typeof a).cases)
    case 'enum':
    case 'flags': {
      const { names } = b as typeof a
      return (
        a.names.length === names.length && a.names.every((name, index) => name === names[index])
      )
    }
    case 'option':
      return sameValueType(a.type, (b as typeof a).type)
    case 'result':
      return (
        sameValueType(a.ok, (b as typeof a).ok) && sameValueType(a.error, (b as typeof a).error)
      )
    case 'map':
      return (
        sameValueType(a.key, (b as typeof a).key) && sameValueType(a.value, (b as typeof a).value)
      )
    case 'own':
    case 'borrow':
      return a.resource === (b as typeof a).resource
    case 'unsupported':
      return a.feature === (b as typeof a).feature
    default:
      return true
  }
}

function sameNamed(
  a: readonly { readonly name: string; readonly type: ValueType | null }[],
  b: readonly { readonly name: string; readonly type: ValueType | null }[],
): boolean {
  return (
    a.length === b.length &&
    a.every(
      (one, index) =>
        one.name === b[index]?.name && sameValueType(one.type, b[index]?.type ?? null),
    )
  )
}

/**
 * Whether two functions have the same type, names of parameters included.
 *
 * For a host that wants to know, before it says yes, that a component means the same interface as it does.
 */
export function sameFuncType(a: FuncDescription, b: FuncDescription): boolean {
  return sameNamed(a.params, b.params) && sameValueType(a.result, b.result)
}
