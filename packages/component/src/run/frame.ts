import type { ComponentPlan } from '../plan/steps.ts'
import type { ComponentFunc, LowerTarget } from './func.ts'
import { HandleTable, type RuntimeResource } from './handles.ts'
import type { Store } from './store.ts'

/** A component and the instance it was defined in, whose modules and components it may refer to. */
export interface ComponentValue {
  readonly plan: ComponentPlan
  readonly outer: Frame | undefined
}

/** What an instance exports, by name and sort. */
export type RuntimeItem =
  | { readonly sort: 'func'; readonly value: ComponentFunc }
  | { readonly sort: 'instance'; readonly value: InstanceValue }
  | { readonly sort: 'component'; readonly value: ComponentValue }
  | { readonly sort: 'core module'; readonly value: number }
  | { readonly sort: 'resource'; readonly value: RuntimeResource }
export type InstanceValue = ReadonlyMap<string, RuntimeItem>

/** One component instance: its index spaces, handles and whether it may be left. */
export class Frame {
  readonly store: Store
  readonly outer: Frame | undefined
  readonly coreModules: number[] = []
  readonly coreInstances: WebAssembly.Exports[] = []
  readonly coreFuncs: ((...args: (number | bigint)[]) => number | bigint | undefined)[] = []
  readonly coreTables: WebAssembly.Table[] = []
  readonly coreMemories: WebAssembly.Memory[] = []
  readonly coreGlobals: WebAssembly.Global[] = []
  readonly coreTags: WebAssembly.Tag[] = []
  readonly funcs: ComponentFunc[] = []
  readonly components: ComponentValue[] = []
  readonly instances: InstanceValue[] = []
  /** What late imports call, by their number. */
  readonly lowerTargets: LowerTarget[] = []
  readonly resources: RuntimeResource[]
  readonly exports: Map<string, RuntimeItem> = new Map()
  readonly handles: HandleTable
  mayLeave = true
  /** Whether a function was lowered into it that may suspend, so that calls of it may too. */
  maySuspend = false

  constructor(store: Store, outer: Frame | undefined, slots: number) {
    this.store = store
    this.outer = outer
    this.resources = Array.from({ length: slots })
    this.handles = new HandleTable(store)
  }
}
