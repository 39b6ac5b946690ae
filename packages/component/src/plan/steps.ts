import type { FuncAdapter } from '../abi/adapter.ts'
import type { AnySort, CoreSort, StringEncoding } from '../binary/ast.ts'
import type { ComponentType, ExternType, FuncType } from '../types/extern-type.ts'
import type { FlatType } from '../types/val-type.ts'

/** Where to find the resource that a slot stands for: export names, from an import or a child instance inwards. */
export interface ResourceBinding {
  readonly slot: number
  readonly path: readonly string[]
}

/** An item handed over by name. Types other than resources have no presence at run time. */
export type PlannedItem =
  | {
      readonly name: string
      readonly sort: 'func' | 'component' | 'instance' | 'core module'
      readonly index: number
    }
  | { readonly name: string; readonly sort: 'resource'; readonly slot: number }

/** Options of a lift or lower, as indices of the instance they are in. */
export interface PlannedOptions {
  readonly encoding: StringEncoding
  readonly memory: number | undefined
  readonly realloc: number | undefined
  readonly postReturn: number | undefined
}

/** The core signature of a lowered function, which a suspending import needs to know. */
export interface CoreSignature {
  readonly params: readonly FlatType[]
  readonly results: readonly FlatType[]
}

/**
 * What instantiating a component does, in order.
 *
 * Each step appends to the index spaces of one instance exactly what its definition appended during validation, so that indices need
 * no translation. Steps are data and hold nothing of an instance: one plan serves any number of them.
 */
export type Step =
  | { readonly kind: 'module'; readonly module: number }
  | {
      readonly kind: 'core-instantiate'
      readonly module: number
      readonly args: readonly { readonly name: string; readonly instance: number }[]
    }
  | {
      readonly kind: 'core-exports'
      readonly exports: readonly {
        readonly name: string
        readonly sort: CoreSort
        readonly index: number
      }[]
    }
  | { readonly kind: 'component'; readonly plan: ComponentPlan }
  | {
      readonly kind: 'instantiate'
      readonly component: number
      readonly args: readonly PlannedItem[]
      readonly bind: readonly ResourceBinding[]
    }
  | { readonly kind: 'exports'; readonly exports: readonly PlannedItem[] }
  | {
      readonly kind: 'alias'
      readonly sort: 'func' | 'component' | 'instance' | 'core module'
      readonly instance: number
      readonly name: string
    }
  | {
      readonly kind: 'core-alias'
      readonly sort: CoreSort
      readonly instance: number
      readonly name: string
    }
  | {
      readonly kind: 'outer'
      readonly sort: AnySort
      readonly count: number
      readonly index: number
    }
  | {
      readonly kind: 'lift'
      readonly func: number
      readonly options: PlannedOptions
      readonly type: FuncType
      readonly adapter: FuncAdapter
    }
  | {
      readonly kind: 'lower'
      readonly func: number
      readonly options: PlannedOptions
      readonly type: FuncType
      readonly adapter: FuncAdapter
      readonly signature: CoreSignature
    }
  | {
      readonly kind: 'resource'
      readonly slot: number
      readonly destructor: number | undefined
      readonly name: string
    }
  | { readonly kind: 'resource.new' | 'resource.drop' | 'resource.rep'; readonly slot: number }
  | {
      readonly kind: 'import'
      readonly name: string
      readonly extern: ExternType
      readonly bind: readonly ResourceBinding[]
    }
  | { readonly kind: 'export'; readonly item: PlannedItem | undefined }

/** A component, ready to be instantiated. */
export interface ComponentPlan {
  readonly type: ComponentType
  readonly steps: readonly Step[]
  /** How many slots for resources an instance has. */
  readonly slots: number
}
