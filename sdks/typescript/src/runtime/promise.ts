// The Promise of ECMA-262 (27.2), section by section, on the queue of `event-loop.ts`. QuickJS's own never runs its jobs in a
// synchronous component, so the build lowers `async` to generators and the entry point puts this class in its place.
import { enqueueJob } from './event-loop.ts'
import { trackHandled, trackRejection } from './rejections.ts'

type Resolve<Value> = (value: Value | PromiseLike<Value>) => void
type Reject = (reason?: unknown) => void
type Executor<Value> = (resolve: Resolve<Value>, reject: Reject) => void

/** 27.2.1.1: what a derived promise is settled through, whatever class it is of. */
interface Capability<Value> {
  promise: Promise<Value>
  resolve: Resolve<Value>
  reject: Reject
}

interface Reaction {
  readonly capability: Capability<unknown> | undefined
  readonly onFulfilled: unknown
  readonly onRejected: unknown
}

type State =
  | { kind: 'pending'; reactions: Reaction[]; handled: boolean }
  | { kind: 'fulfilled'; value: unknown }
  | { kind: 'rejected'; reason: unknown }

/** How a promise stands, for the entry point. */
export type Outcome =
  | { readonly kind: 'pending' }
  | { readonly kind: 'fulfilled'; readonly value: unknown }
  | { readonly kind: 'rejected'; readonly reason: unknown }

type Constructor = new <Value>(executor: Executor<Value>) => Promise<Value>

/** A complete `Promise`: every static and method of ES2025, subclassing and species, in the specification's order of jobs. */
export class GuestPromise<Value> {
  #state: State = { kind: 'pending', reactions: [], handled: false }

  constructor(executor: Executor<Value>) {
    if (typeof executor !== 'function')
      throw new TypeError('A promise needs a function that settles it')
    const { resolve, reject } = this.#resolvingFunctions()
    try {
      executor(resolve, reject)
    } catch (error) {
      reject(error)
    }
  }

  get [Symbol.toStringTag](): string {
    return 'Promise'
  }

  static get [Symbol.species](): unknown {
    return this
  }

  /** How `promise` stands now. */
  static outcomeOf(promise: GuestPromise<unknown>): Outcome {
    const state = promise.#state
    return state.kind === 'pending' ? { kind: 'pending' } : state
  }

  /** Settles `promise` for the entry point, which has its own use for a rejection. */
  static markHandled(promise: GuestPromise<unknown>): void {
    promise.#markHandled()
  }

  // 27.2.1.3
  #resolvingFunctions(): { resolve: Resolve<Value>; reject: Reject } {
    let already = false
    const reject: Reject = (reason) => {
      if (already) return
      already = true
      this.#reject(reason)
    }
    const resolve: Resolve<Value> = (value) => {
      if (already) return
      already = true
      if ((value as unknown) === this) {
        this.#reject(new TypeError('A promise cannot be resolved with itself'))
        return
      }
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
        this.#fulfil(value)
        return
      }
      let then: unknown
      try {
        then = (value as { then?: unknown }).then
      } catch (error) {
        this.#reject(error)
        return
      }
      if (typeof then !== 'function') {
        this.#fulfil(value)
        return
      }
      // 27.2.2.2: even a promise is asked in a job of its own.
      enqueueJob(() => {
        const functions = this.#resolvingFunctions()
        try {
          Reflect.apply(then, value, [functions.resolve, functions.reject])
        } catch (error) {
          functions.reject(error)
        }
      })
    }
    return { resolve, reject }
  }

  #fulfil(value: unknown): void {
    const state = this.#state
    if (state.kind !== 'pending') return
    this.#state = { kind: 'fulfilled', value }
    for (const reaction of state.reactions) enqueueJob(() => runReaction(reaction, this.#state))
  }

  #reject(reason: unknown): void {
    const state = this.#state
    if (state.kind !== 'pending') return
    this.#state = { kind: 'rejected', reason }
    if (!state.handled) trackRejection(this, reason)
    for (const reaction of state.reactions) enqueueJob(() => runReaction(reaction, this.#state))
  }

  #markHandled(): void {
    if (this.#state.kind === 'pending') this.#state.handled = true
    else trackHandled(this)
  }

  // 27.2.5.4
  // oxlint-disable-next-line unicorn/no-thenable -- a promise is one
  then(onFulfilled?: unknown, onRejected?: unknown): Promise<unknown> {
    const species = speciesOf(this)
    const reaction: Reaction = { capability: newCapability(species), onFulfilled, onRejected }
    const state = this.#state
    if (state.kind === 'pending') state.reactions.push(reaction)
    else enqueueJob(() => runReaction(reaction, state))
    this.#markHandled()
    return (reaction.capability as Capability<unknown>).promise
  }

  // 27.2.5.1
  catch(onRejected?: unknown): unknown {
    return invokeThen(this, undefined, onRejected)
  }

  // 27.2.5.3
  finally(onFinally?: unknown): unknown {
    if (!isObject(this)) throw new TypeError('finally() was called on what is no object')
    const species = speciesOf(this)
    if (typeof onFinally !== 'function') return invokeThen(this, onFinally, onFinally)
    const settled = (): unknown => promiseResolve(species, Reflect.apply(onFinally, undefined, []))
    return invokeThen(
      this,
      (value: unknown) => invokeThen(settled(), () => value),
      (reason: unknown) =>
        invokeThen(settled(), () => {
          throw reason
        }),
    )
  }

  // 27.2.4.7
  static resolve(value?: unknown): unknown {
    if (!isObject(this))
      throw new TypeError('Promise.resolve() was called on what is no constructor')
    return promiseResolve(this, value)
  }

  // 27.2.4.6
  static reject(reason?: unknown): unknown {
    const { promise, reject } = newCapability(this)
    reject(reason)
    return promise
  }

  // 27.2.4.9
  static withResolvers(): unknown {
    return newCapability(this)
  }

  // 27.2.4.8
  static try(callback: (...args: unknown[]) => unknown, ...args: unknown[]): unknown {
    const capability = newCapability<unknown>(this)
    try {
      capability.resolve(callback(...args))
    } catch (error) {
      capability.reject(error)
    }
    return capability.promise
  }

  // 27.2.4.1
  static all(iterable: Iterable<unknown>): unknown {
    return combine(this, iterable, (slots, { resolve, reject }) => ({
      each: (index) => [slots.filler(index, (value) => value, resolve), reject],
      end: () => slots.finish(resolve),
    }))
  }

  // 27.2.4.2
  static allSettled(iterable: Iterable<unknown>): unknown {
    return combine(this, iterable, (slots, { resolve }) => ({
      each: (index) => {
        const fill = slots.filler(index, (outcome) => outcome, resolve)
        return [
          (value: unknown) => fill({ status: 'fulfilled', value }),
          (reason: unknown) => fill({ status: 'rejected', reason }),
        ]
      },
      end: () => slots.finish(resolve),
    }))
  }

  // 27.2.4.3
  static any(iterable: Iterable<unknown>): unknown {
    return combine(this, iterable, (slots, { resolve, reject }) => {
      const fail = (errors: unknown): void =>
        reject(new AggregateError(errors as unknown[], 'All promises were rejected'))
      return {
        each: (index) => [resolve, slots.filler(index, (reason) => reason, fail)],
        end: () => slots.finish(fail),
      }
    })
  }

  // 27.2.4.5
  static race(iterable: Iterable<unknown>): unknown {
    return combine(this, iterable, (_, { resolve, reject }) => ({
      each: () => [resolve, reject],
      end: () => undefined,
    }))
  }
}

// 27.2.2.1
function runReaction({ capability, onFulfilled, onRejected }: Reaction, state: State): void {
  if (state.kind === 'pending') return
  const handler = state.kind === 'fulfilled' ? onFulfilled : onRejected
  const argument = state.kind === 'fulfilled' ? state.value : state.reason
  if (typeof handler !== 'function') {
    if (state.kind === 'fulfilled') capability?.resolve(argument)
    else capability?.reject(argument)
    return
  }
  let result: unknown
  try {
    result = Reflect.apply(handler, undefined, [argument])
  } catch (error) {
    capability?.reject(error)
    return
  }
  capability?.resolve(result)
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}

// 7.3.22
function speciesOf(promise: object): unknown {
  const constructor = (promise as { constructor?: unknown }).constructor
  if (constructor === undefined) return GuestPromise
  if (!isObject(constructor)) throw new TypeError("A promise's constructor must be an object")
  return (constructor as { [Symbol.species]?: unknown })[Symbol.species] ?? GuestPromise
}

// 27.2.1.5
function newCapability<Value>(constructor: unknown): Capability<Value> {
  if (typeof constructor !== 'function') throw new TypeError('This needs a constructor of promises')
  let resolve: unknown
  let reject: unknown
  const promise = new (constructor as Constructor)<Value>((resolving, rejecting) => {
    if (resolve !== undefined || reject !== undefined) {
      throw new TypeError('A promise constructor called its executor twice')
    }
    resolve = resolving
    reject = rejecting
  })
  if (typeof resolve !== 'function' || typeof reject !== 'function') {
    throw new TypeError('A promise constructor gave its executor no functions')
  }
  return { promise, resolve: resolve as Resolve<Value>, reject: reject as Reject }
}

// 27.2.4.7.1
function promiseResolve(constructor: unknown, value: unknown): unknown {
  if (value instanceof GuestPromise && (value.constructor as unknown) === constructor) return value
  const { promise, resolve } = newCapability<unknown>(constructor)
  resolve(value)
  return promise
}

function invokeThen(promise: unknown, onFulfilled?: unknown, onRejected?: unknown): unknown {
  return (promise as { then(...handlers: unknown[]): unknown }).then(onFulfilled, onRejected)
}

/** The values that a combinator collects, and how many it still waits for. */
class Slots {
  readonly #values: unknown[] = []
  // One for the loop itself: with it, nothing is complete before all were asked.
  #remaining = 1

  filler(
    index: number,
    convert: (value: unknown) => unknown,
    done: (values: unknown[]) => void,
  ): (value: unknown) => void {
    let called = false
    this.#values[index] = undefined
    this.#remaining++
    return (value) => {
      if (called) return
      called = true
      this.#values[index] = convert(value)
      this.finish(done)
    }
  }

  finish(done: (values: unknown[]) => void): void {
    if (--this.#remaining === 0) done(this.#values)
  }
}

interface Combinator {
  /** The two handlers for the promise at `index`. */
  each(index: number): [onFulfilled: unknown, onRejected: unknown]
  end(): void
}

// The frame that `all`, `allSettled`, `any` and `race` share.
function combine(
  constructor: unknown,
  iterable: Iterable<unknown>,
  create: (slots: Slots, capability: Capability<unknown>) => Combinator,
): unknown {
  const capability = newCapability<unknown>(constructor)
  try {
    const { resolve } = constructor as { resolve: unknown }
    if (typeof resolve !== 'function')
      throw new TypeError("The constructor's resolve is no function")
    const combinator = create(new Slots(), capability)
    let index = 0
    for (const value of iterable) {
      const next: unknown = Reflect.apply(resolve, constructor, [value])
      const [onFulfilled, onRejected] = combinator.each(index++)
      invokeThen(next, onFulfilled, onRejected)
    }
    combinator.end()
  } catch (error) {
    capability.reject(error)
  }
  return capability.promise
}
