/**
 * What an instance has to know of its tasks: the shapes that the steps `task-lift`, `task-lower` and `builtin` of a plan work on, after
 * the state in the specification's reference (Component Model, CanonicalABI.md, "Runtime State"). Nothing makes them yet; a component
 * that needs them is refused. What is decided here and why is in docs/engine.md, "Tasks".
 *
 * Everything is reached from a frame and ends with its store, so that a trap, a kill or a closed instance leaves no task behind.
 */
import type { FuncType } from '../types/extern-type.ts'
import type { ValType } from '../types/val-type.ts'
import type { TaskOptions } from './steps.ts'

/** What a task is told, by the numbers that a guest sees. */
export interface EventCodes {
  readonly none: 0
  readonly subtask: 1
  readonly streamRead: 2
  readonly streamWrite: 3
  readonly futureRead: 4
  readonly futureWrite: 5
  readonly taskCancelled: 6
}

/** One event: its code and two numbers that depend on it. */
export type TaskEvent = readonly [code: EventCodes[keyof EventCodes], first: number, second: number]

/** Of one component instance, beside its resource handles. */
export interface InstanceTasks {
  /** Resources, waitables, sets and error contexts share one index space; it counts against `maxHandles`. */
  readonly handles: ReadonlyMap<number, Waitable | WaitableSet | ErrorContext>
  readonly threads: ReadonlyMap<number, Thread>
  /** Tasks that wait to be let in, first come first. */
  readonly entering: readonly Task[]
  /** How often `backpressure.inc` was called more than `backpressure.dec`; above zero nothing new is let in. */
  readonly backpressure: number
  /** The thread that alone may run core code on the instance's one shadow stack. */
  readonly exclusive: Thread | undefined
}

/** One call of a lifted function. */
export interface Task {
  readonly type: FuncType
  readonly options: TaskOptions
  readonly state: 'initial' | 'started' | 'pending-cancel' | 'cancel-delivered' | 'resolved'
  /** Borrowed handles that have to be dropped before it resolves. */
  readonly borrows: number
  readonly threads: readonly Thread[]
  /** Takes the result, from a return or from `task.return`; `undefined` when it was cancelled. */
  readonly resolve: (result: readonly unknown[] | undefined) => void
}

/** A stack of a task. One with a callback has none while it waits: only the callback is called again. */
export interface Thread {
  readonly task: Task
  readonly state: 'running' | 'ready' | 'waiting' | 'suspended'
  readonly isCancellable: boolean
  /** What `context.get` and `context.set` reach. */
  readonly context: readonly [number | bigint, number | bigint]
  /** Goes on where JSPI stopped it; whether the task was cancelled meanwhile is what the guest is told. */
  readonly resume: ((isCancelled: boolean) => void) | undefined
}

/** What a guest can wait for. An event is made when it is taken, so that it says how things are then. */
export interface Waitable {
  readonly pending: (() => TaskEvent) | undefined
  readonly set: WaitableSet | undefined
  /** Whether somebody waits for this one alone, which keeps it out of every set. */
  readonly hasSyncWaiter: boolean
}

export interface WaitableSet {
  readonly members: ReadonlySet<Waitable>
  /** Threads that wait for it: it cannot be dropped while there are any. */
  readonly waiting: number
}

/** A call of an asynchronously lowered function, as its caller sees it. */
export interface Subtask extends Waitable {
  readonly state:
    | 'starting'
    | 'started'
    | 'returned'
    | 'cancelled-before-started'
    | 'cancelled-before-returned'
  /** Takes back what was lent for the call. */
  readonly returnLent: () => void
  readonly cancel: (() => void) | undefined
}

/** One end of a stream or future in the handle table of an instance. */
export interface CopyEnd extends Waitable {
  readonly kind: 'stream' | 'future'
  readonly side: 'readable' | 'writable'
  readonly element: ValType | undefined
  readonly state: 'idle' | 'copying' | 'cancelling' | 'done'
  readonly channel: Channel
}

/** What the two ends have in common; either may be the host's. It buffers nothing: whoever comes second copies. */
export interface Channel {
  readonly isDropped: boolean
  readonly pending: CopyBuffer | undefined
}

/** The part of a memory that a read or write offers. Its bounds are checked when it is offered and once more at every copy. */
export interface CopyBuffer {
  readonly element: ValType | undefined
  readonly pointer: number
  readonly length: number
  readonly progress: number
  readonly done: (outcome: 'completed' | 'dropped' | 'cancelled') => void
}

export interface ErrorContext {
  readonly message: string
}
