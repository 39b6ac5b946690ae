import type { WorkBudget } from '../limits.ts'
import type { AnyType, ComponentType, ExternType, FuncType, InstanceType } from './extern-type.ts'
import { makeFuncType } from './extern-type.ts'
import {
  childrenOf,
  type ResourceId,
  type ResourceName,
  type ValShape,
  type ValType,
} from './val-type.ts'

/** Types that go by another name: value types, and names of resources. */
export type Renaming = ReadonlyMap<ValType | ResourceName, ValType | ResourceName>

function sameParts(a: ValShape, b: ValShape): boolean {
  if ('resource' in a) return 'resource' in b && a.resource === b.resource && a.named === b.named
  const [parts, others] = [childrenOf(a), childrenOf(b)]
  return parts.every((part, index) => part === others[index])
}

/**
 * Replaces resource ids inside types.
 *
 * Nodes stay shared: a type reached by two ways is rewritten once, so the work is linear in the graph and not in the tree.
 */
export class Substitution {
  readonly #map: ReadonlyMap<ResourceId, ResourceId>
  readonly #budget: WorkBudget
  readonly #names: Renaming
  readonly #done = new Map<object, object>()

  /** `names` replaces types by equal ones that go by another name: names decide what the outside may see. */
  constructor(
    map: ReadonlyMap<ResourceId, ResourceId>,
    budget: WorkBudget,
    names: Renaming = new Map(),
  ) {
    this.#map = map
    this.#names = names
    this.#budget = budget
  }

  resource(id: ResourceId): ResourceId {
    return this.#map.get(id) ?? id
  }

  value(type: ValType): ValType {
    const named = this.#names.get(type)
    if (named !== undefined) return named as ValType
    if (!type.layout.hasResource && this.#names.size === 0) return type
    return this.#once(type, () => {
      const shape = this.#shape(type)
      const source = type.source && this.value(type.source)
      // What stays as it was stays the same node: by its node a type is known.
      if (source === type.source && sameParts(shape, type)) return type
      return { ...shape, layout: type.layout, ...(source && { source }) }
    })
  }

  func(type: FuncType): FuncType {
    if (!type.hasResource && this.#names.size === 0) return type
    return this.#once(type, () =>
      makeFuncType(
        type.params.map(({ name, type: param }) => ({ name, type: this.value(param) })),
        type.result && this.value(type.result),
        type.isAsync,
      ),
    )
  }

  instance(type: InstanceType): InstanceType {
    return this.#once(type, () => ({ ...type, exports: this.externs(type.exports) }))
  }

  component(type: ComponentType): ComponentType {
    return this.#once(type, () => ({
      ...type,
      imports: this.externs(type.imports),
      exports: this.externs(type.exports),
    }))
  }

  externs(types: ReadonlyMap<string, ExternType>): ReadonlyMap<string, ExternType> {
    this.#budget.spend(types.size)
    return new Map([...types].map(([name, type]) => [name, this.extern(type)]))
  }

  extern(extern: ExternType): ExternType {
    switch (extern.sort) {
      case 'core module':
        return extern
      case 'func':
        return { sort: 'func', type: this.func(extern.type) }
      case 'component':
        return { sort: 'component', type: this.component(extern.type) }
      case 'instance':
        return { sort: 'instance', type: this.instance(extern.type) }
      case 'type':
        return { sort: 'type', type: this.any(extern.type) }
    }
  }

  any(any: AnyType): AnyType {
    switch (any.kind) {
      case 'value':
        return { kind: 'value', type: this.value(any.type) }
      case 'func':
        return { kind: 'func', type: this.func(any.type) }
      case 'component':
        return { kind: 'component', type: this.component(any.type) }
      case 'instance':
        return { kind: 'instance', type: this.instance(any.type) }
      case 'resource':
        return this.#resourceName(any)
    }
  }

  #resourceName(name: ResourceName): ResourceName {
    const named = this.#names.get(name)
    if (named !== undefined) return named as ResourceName
    return this.#once(name, () => {
      const type = this.resource(name.type)
      const source = name.source && this.#resourceName(name.source)
      if (type === name.type && source === name.source) return name
      return { kind: 'resource', type, ...(source && { source }) }
    })
  }

  #shape(type: ValType): ValShape {
    const optional = (inner: ValType | undefined): ValType | undefined => inner && this.value(inner)
    switch (type.kind) {
      case 'record':
        return {
          kind: 'record',
          fields: type.fields.map((field) => ({ name: field.name, type: this.value(field.type) })),
        }
      case 'variant':
        return {
          kind: 'variant',
          cases: type.cases.map((one) => ({ name: one.name, type: optional(one.type) })),
        }
      case 'list':
        return { kind: 'list', element: this.value(type.element), length: type.length }
      case 'tuple':
        return { kind: 'tuple', types: type.types.map((inner) => this.value(inner)) }
      case 'option':
        return { kind: 'option', type: this.value(type.type) }
      case 'result':
        return { kind: 'result', ok: optional(type.ok), error: optional(type.error) }
      case 'own':
      case 'borrow':
        return {
          kind: type.kind,
          resource: this.resource(type.resource),
          named: this.#resourceName(type.named),
        }
      case 'stream':
      case 'future':
        return { kind: type.kind, element: optional(type.element) }
      case 'map':
        return { kind: 'map', key: this.value(type.key), value: this.value(type.value) }
      default:
        return type
    }
  }

  #once<T extends object>(from: T, make: () => T): T {
    const before = this.#done.get(from)
    if (before !== undefined) return before as T
    this.#budget.spend(1)
    const made = make()
    this.#done.set(from, made)
    return made
  }
}
