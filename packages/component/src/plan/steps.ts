import type { FuncAdapter } from '../abi/adapter.ts'
import type {
  AnySort,
  BuiltinAst,
  CoreFuncTypeAst,
  CoreSort,
  PlainBuiltinName,
  StringEncoding,
} from '../binary/ast.ts'
import type { ComponentType, ExternType, FuncType } from '../types/extern-type.ts'
import type { FlatType, ValType } from '../types/val-type.ts'

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

/** Options of what belongs to a task. */
export interface TaskOptions extends PlannedOptions {
  /** Whether the core code returns before it is done. */
  readonly isAsync: boolean
  /** What an asynchronously lifted function goes on with, once for each event. Without one it blocks on a stack of its own. */
  readonly callback: number | undefined
}

/** A built-in for tasks and threads: what its immediates resolve to. `memory`, `table` and the options are core indices of the instance. */
export type PlannedBuiltin =
  | { readonly kind: PlainBuiltinName | 'thread.spawn-ref' | 'thread.available-parallelism' }
  | {
      readonly kind: 'task.return'
      readonly result: ValType | undefined
      readonly options: TaskOptions
    }
  | { readonly kind: 'context.get' | 'context.set'; readonly slot: number }
  | Extract<BuiltinAst, { kind: 'subtask.cancel' | 'waitable-set.wait' | 'waitable-set.poll' }>
  | {
      readonly kind: `${'stream' | 'future'}.${'new' | 'drop-readable' | 'drop-writable' | 'forward'}`
      readonly element: ValType | undefined
    }
  | {
      readonly kind: `${'stream' | 'future'}.${'read' | 'write'}`
      readonly element: ValType | undefined
      readonly options: TaskOptions
    }
  | {
      readonly kind: `${'stream' | 'future'}.${'cancel-read' | 'cancel-write'}`
      readonly element: ValType | undefined
      readonly isAsync: boolean
    }
  | {
      readonly kind: 'error-context.new' | 'error-context.debug-message'
      readonly options: TaskOptions
    }
  | { readonly kind: 'thread.new-indirect' | 'thread.spawn-indirect'; readonly table: number }

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
  /** A lift or lower whose calls are tasks: it blocks, or what crosses it is a stream, a future or an error context. */
  | {
      readonly kind: 'task-lift'
      readonly func: number
      readonly options: TaskOptions
      readonly type: FuncType
    }
  | {
      readonly kind: 'task-lower'
      readonly func: number
      readonly options: TaskOptions
      readonly type: FuncType
      readonly signature: CoreSignature
    }
  | {
      readonly kind: 'builtin'
      readonly builtin: PlannedBuiltin
      readonly signature: CoreFuncTypeAst
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
  /** In the place of a module of trampolines: lowered functions that are told later what they call. See direct-calls.ts. */
  | { readonly kind: 'late-imports'; readonly imports: readonly LateImport[] }
  /** In the place of a lowered function that only a late import stands for. */
  | { readonly kind: 'core-gap' }
  /** In the place of the module that fills the trampolines' table. */
  | {
      readonly kind: 'connect'
      readonly targets: readonly LateTarget[]
      /** What it calls then, an export of a core. */
      readonly start: CoreExport | undefined
    }

/** The step of one kind. */
export type StepOf<Kind extends Step['kind']> = Extract<Step, { kind: Kind }>

/** An export of a core instance. */
export interface CoreExport {
  readonly instance: number
  readonly name: string
}

/** A core function that lowers what is not known yet; `target` counts those of one component instance. */
export interface LateImport {
  readonly name: string
  readonly target: number
  readonly type: FuncType
  readonly adapter: FuncAdapter
}

/** What a late import calls from now on. */
export interface LateTarget {
  readonly target: number
  readonly func: number
  readonly options: PlannedOptions
}

/** A component, ready to be instantiated. */
export interface ComponentPlan {
  readonly type: ComponentType
  readonly steps: readonly Step[]
  /** How many slots for resources an instance has. */
  readonly slots: number
}
