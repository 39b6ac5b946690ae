import type { FuncAdapter } from '../abi/adapter.ts'
import {
  type BorrowScope,
  CallContext,
  closeBorrows,
  type FlatValue,
  openBorrows,
} from '../abi/context.ts'
import { withDeepStack } from '../abi/backtrace.ts'
import { abiTrap, HostFailure, raiseTrap, trapped } from '../abi/trap.ts'
import { ComponentError } from '../errors.ts'
import type { FuncType } from '../types/extern-type.ts'
import type { Frame } from './frame.ts'
import { isThenable, promising } from './suspension.ts'

export type CoreFunc = (...args: FlatValue[]) => FlatValue | undefined

/** Takes what a guest's function returned to its caller, before the function's post-return runs; what it gives is what the call gives. */
export type Deliver = (value: unknown) => unknown

/** A component-level function: of another instance, or of the host. Values are JavaScript's, a `result` is `{ tag, val }`. */
export interface ComponentFunc {
  readonly type: FuncType
  /** Whether it is the host's. */
  readonly isHost: boolean
  /** Whether a call may suspend; asked when the function is lowered, because only then everything behind it is linked. */
  maySuspend(): boolean
  /** `deliver` is for functions of guests only: those of the host have no post-return, and their value is the caller's to deliver. */
  call(caller: Frame | undefined, args: readonly unknown[], deliver?: Deliver): unknown
  /** As `call`, suspending. */
  callSuspending(
    caller: Frame | undefined,
    args: readonly unknown[],
    deliver?: Deliver,
  ): PromiseLike<unknown>
}

/** `canon lift`: a core function of `frame` as a component function. */
export class LiftedFunc implements ComponentFunc {
  readonly type: FuncType
  readonly isHost = false
  readonly #frame: Frame
  readonly #core: CoreFunc
  readonly #postReturn: CoreFunc | undefined
  readonly #cx: CallContext
  readonly #adapter: FuncAdapter
  #promising: ((...args: FlatValue[]) => Promise<FlatValue | undefined>) | undefined

  constructor(
    frame: Frame,
    type: FuncType,
    core: CoreFunc,
    postReturn: CoreFunc | undefined,
    cx: CallContext,
    adapter: FuncAdapter,
  ) {
    this.type = type
    this.#frame = frame
    this.#core = core
    this.#postReturn = postReturn
    this.#cx = cx
    this.#adapter = adapter
  }

  maySuspend(): boolean {
    return this.#frame.maySuspend
  }

  call(caller: Frame | undefined, args: readonly unknown[], deliver?: Deliver): unknown {
    // An instance can be entered again through what it calls, so what belongs to this call is not kept in the context.
    const borrows = this.type.hasResource ? openBorrows() : undefined
    return this.#finish(caller, this.#core(...this.#start(args, borrows)), borrows, deliver)
  }

  async callSuspending(
    caller: Frame | undefined,
    args: readonly unknown[],
    deliver?: Deliver,
  ): Promise<unknown> {
    this.#promising ??= promising(this.#core)
    const borrows = this.type.hasResource ? openBorrows() : undefined
    const raw = await this.#promising(...this.#start(args, borrows))
    return this.#finish(caller, raw, borrows, deliver)
  }

  #start(args: readonly unknown[], borrows: BorrowScope | undefined): FlatValue[] {
    const cx = this.#cx
    cx.begin()
    cx.borrows = borrows
    return this.#adapter.lowerParams(cx, args)
  }

  #finish(
    caller: Frame | undefined,
    raw: FlatValue | undefined,
    borrows: BorrowScope | undefined,
    deliver: Deliver | undefined,
  ): unknown {
    const cx = this.#cx
    const frame = this.#frame
    if (frame.store.failure !== undefined) throw frame.store.death
    cx.begin()
    cx.forHost = caller === undefined
    const lifted = this.#adapter.liftResult(cx, raw)
    if (borrows !== undefined) closeBorrows(borrows)
    const result = deliver === undefined ? lifted : deliver(lifted)
    if (this.#postReturn !== undefined) {
      frame.mayLeave = false
      if (raw === undefined) this.#postReturn()
      else this.#postReturn(raw)
      frame.mayLeave = true
    }
    return result
  }
}

/** What a lowered function calls. Both are there from the beginning, or come together: see {@link withDirectCalls}. */
export interface LowerTarget {
  func: ComponentFunc | undefined
  cx: CallContext | undefined
}

/**
 * `canon lower`: a component function as a core function that `frame` can call.
 *
 * Nothing thrown on the far side comes through as an exception: whatever it is, the guest traps.
 */
export function lowerFunc(
  frame: Frame,
  target: LowerTarget,
  type: FuncType,
  adapter: FuncAdapter,
): CoreFunc {
  const { store } = frame
  const takesBorrows = type.hasResource
  return (...flat) => {
    try {
      const { func, cx } = target
      // Where toolchains have a table, its slot is empty until everything is there.
      if (func === undefined || cx === undefined)
        throw trapped('indirect-call-type-mismatch', 'it called an import before it was linked')
      store.checkAlive()
      if (!frame.mayLeave) throw abiTrap('cannot leave component instance')
      cx.begin()
      const borrows = takesBorrows ? openBorrows() : undefined
      cx.borrows = borrows
      cx.forHost = func.isHost
      const args = adapter.liftParams(cx, flat)
      const { charged } = cx
      store.carried += charged
      const deliver = (value: unknown): FlatValue | undefined => {
        store.carried -= charged
        if (borrows !== undefined) closeBorrows(borrows)
        if (store.failure !== undefined) throw store.death
        cx.begin()
        return adapter.lowerResult(cx, value, flat)
      }
      if (func.isHost) return deliver(func.call(frame, args))
      return func.call(frame, args, deliver) as FlatValue | undefined
    } catch (error) {
      store.failure ??= { error }
      return raiseTrap()
    }
  }
}

/** As {@link lowerFunc}, for a function that may suspend. It returns a promise that is never rejected: a guest could catch that. */
export function lowerSuspendingFunc(
  frame: Frame,
  func: ComponentFunc,
  cx: CallContext,
  adapter: FuncAdapter,
): (...flat: FlatValue[]) => unknown {
  const { store } = frame
  const takesBorrows = func.type.hasResource
  return (...flat) => {
    try {
      store.checkAlive()
      if (!frame.mayLeave) throw abiTrap('cannot leave component instance')
      cx.begin()
      const borrows = takesBorrows ? openBorrows() : undefined
      cx.borrows = borrows
      cx.forHost = func.isHost
      const args = adapter.liftParams(cx, flat)
      const { charged } = cx
      store.carried += charged
      const deliver: Deliver = (value) => {
        store.carried -= charged
        if (borrows !== undefined) closeBorrows(borrows)
        cx.begin()
        return adapter.lowerResult(cx, value, flat)
      }
      if (!func.isHost) {
        const delivered = func.callSuspending(frame, args, deliver)
        return store.whileAlive(delivered, (value) => value, adapter.nothing)
      }
      const pending = func.callSuspending(frame, args)
      return isThenable(pending)
        ? store.whileAlive(pending, deliver, adapter.nothing)
        : deliver(pending)
    } catch (error) {
      store.failure ??= { error }
      // The gate around this function traps: see suspendingImport.
      store.deathFlag.value = 1
      return adapter.nothing
    }
  }
}

/** A function of the host as a component function. */
export class HostFunc implements ComponentFunc {
  readonly type: FuncType
  readonly isHost = true
  readonly #name: string
  readonly #suspends: boolean
  readonly #implementation: (args: readonly unknown[]) => unknown

  constructor(
    type: FuncType,
    name: string,
    suspends: boolean,
    implementation: (args: readonly unknown[]) => unknown,
  ) {
    this.type = type
    this.#name = name
    this.#suspends = suspends
    this.#implementation = implementation
  }

  maySuspend(): boolean {
    return this.#suspends
  }

  call(_: Frame | undefined, args: readonly unknown[]): unknown {
    let value: unknown
    try {
      value = this.#implementation(args)
    } catch (error) {
      return this.#failed(error)
    }
    if (isThenable(value)) {
      // Nobody waits for it: its rejection must not end the process.
      value.then(undefined, () => undefined)
      throw trapped(
        'host-error',
        `the host function ${this.#name} returned a promise, but was not named as suspending`,
      )
    }
    return this.#ok(value)
  }

  callSuspending(_: Frame | undefined, args: readonly unknown[]): PromiseLike<unknown> {
    let value: unknown
    try {
      value = this.#implementation(args)
    } catch (error) {
      return this.#failed(error) as PromiseLike<unknown>
    }
    if (!isThenable(value)) return this.#ok(value) as PromiseLike<unknown>
    return value.then(
      (answer) => this.#ok(answer),
      (error: unknown) => this.#failed(error),
    )
  }

  get #isResult(): boolean {
    return this.type.result?.kind === 'result'
  }

  #ok(value: unknown): unknown {
    return this.#isResult ? { tag: 'ok', val: value } : value
  }

  #failed(error: unknown): unknown {
    if (this.#isResult && error instanceof ComponentError) return { tag: 'err', val: error.payload }
    throw withDeepStack(
      () => new HostFailure(`The host function ${this.#name} failed`, { cause: error }),
    )
  }
}
