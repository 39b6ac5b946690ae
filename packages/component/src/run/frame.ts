import { trapped } from '../abi/trap.ts'
import type { ComponentPlan } from '../plan/steps.ts'
import type { ComponentFunc } from './func.ts'
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

/** One component instance: its index spaces, handles and whether it may be entered or left. */
export class Frame {
  readonly store: Store
  readonly parent: Frame | undefined
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
  readonly resources: RuntimeResource[]
  readonly exports: Map<string, RuntimeItem> = new Map()
  readonly handles: HandleTable
  mayEnter = true
  mayLeave = true
  /** Whether a function was lowered into it that may suspend, so that calls of it may too. */
  maySuspend = false

  constructor(store: Store, parent: Frame | undefined, outer: Frame | undefined, slots: number) {
    this.store = store
    this.parent = parent
    this.outer = outer
    this.resources = Array.from({ length: slots })
    this.handles = new HandleTable(store)
  }

  /**
   * Enters the instance for a call from `caller` (the host when absent), with every ancestor that is not on the way already.
   *
   * @throws a trap when one of them is on the stack: components are not re-entered.
   */
  enter(caller: Frame | undefined): void {
    for (
      // oxlint-disable-next-line typescript/no-this-alias -- the start of a walk
      let frame: Frame | undefined = this;
      frame !== undefined && !isWithin(caller, frame);
      frame = frame.parent
    ) {
      if (!frame.mayEnter) throw trapped('reentrance', 'cannot enter component instance')
    }
    this.#mark(caller, false)
  }

  leave(caller: Frame | undefined): void {
    this.#mark(caller, true)
  }

  #mark(caller: Frame | undefined, mayEnter: boolean): void {
    for (
      // oxlint-disable-next-line typescript/no-this-alias -- the start of a walk
      let frame: Frame | undefined = this;
      frame !== undefined && !isWithin(caller, frame);
      frame = frame.parent
    ) {
      frame.mayEnter = mayEnter
    }
  }
}

/** Whether `inner` is `frame` or inside it. */
function isWithin(inner: Frame | undefined, frame: Frame): boolean {
  for (let at = inner; at !== undefined; at = at.parent) if (at === frame) return true
  return false
}
