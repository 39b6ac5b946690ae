import { interrupted, raiseTrap, toTrap } from '../abi/trap.ts'
import { EngineError } from '../errors.ts'
import type { EngineLimits } from '../limits.ts'
import type { Stopper } from './interruption.ts'

type Trap = EngineError<'ERR_COMPONENT_TRAPPED'>

/**
 * What all component instances of one instantiation share: whether they live, whether a call is running, and their limits.
 *
 * Once something traps, all of them are dead: their memories may hold half-done work.
 */
export class Store {
  readonly limits: EngineLimits
  /** What stops the guest while it computes, when it was compiled for that. */
  readonly stopper: Stopper | undefined
  /** Whether an export call is on the stack or suspended. */
  busy = false
  /** Bytes of arguments that calls between guests hold while they are under way: guests can call each other as deep as the stack goes. */
  carried = 0
  /** Live resource handles of all component instances: a component may have a thousand of them. */
  handles = 0
  /**
   * What went wrong first. It is only noted while the guest is on the stack, which may be used up: naming it takes calls, a note takes none, and a
   * guest that catches the overflow of a call is dead all the same.
   */
  failure: { readonly error: unknown } | undefined
  #death: Trap | undefined
  #deathFlag: WebAssembly.Global<'i32'> | undefined
  #waiting: Set<() => void> | undefined
  #stopListening: (() => void) | undefined

  constructor(limits: EngineLimits, signal?: AbortSignal, stopper?: Stopper) {
    this.limits = limits
    this.stopper = stopper
    if (signal === undefined) return
    signal.throwIfAborted()
    const stop = (): void => this.kill(interrupted('the call was cancelled', signal.reason))
    signal.addEventListener('abort', stop, { once: true })
    this.#stopListening = () => signal.removeEventListener('abort', stop)
  }

  get death(): Trap | undefined {
    if (this.#death === undefined && this.failure !== undefined)
      this.kill(this.#nameTrap(this.failure.error))
    return this.#death
  }

  /** A check of the engine traps by `unreachable`, as a guest may: the flag or the fuel tells whose it was. */
  #nameTrap(error: unknown): Trap {
    const trap = toTrap(error)
    const { interruption } = this.stopper ?? {}
    if (trap.details.reason !== 'unreachable' || interruption?.raised !== true) return trap
    const why = interruption.kind === 'flag' ? 'its flag was raised' : 'its fuel was used up'
    const { frames } = trap.details
    return new EngineError(
      'ERR_COMPONENT_TRAPPED',
      `The guest was stopped: ${why}`,
      { reason: 'interrupted', frames },
      { cause: error },
    )
  }

  /** A global that turns 1 when the guest must not go on; suspended guests look at it when they wake. */
  get deathFlag(): WebAssembly.Global<'i32'> {
    this.#deathFlag ??= new WebAssembly.Global({ value: 'i32', mutable: true }, 0)
    return this.#deathFlag
  }

  /** Marks everything dead and wakes what is suspended, so that it traps. The first reason stays. */
  kill(reason: Trap): void {
    if (this.#death !== undefined) return
    this.failure ??= { error: reason }
    this.#death = reason
    this.deathFlag.value = 1
    this.#stopListening?.()
    for (const wake of this.#waiting ?? []) wake()
    this.#waiting = undefined
  }

  /** Kills by whatever was thrown, and gives what to throw outside. */
  fail(error: unknown): Trap {
    this.failure ??= { error }
    return this.death as Trap
  }

  /** Stops the guest on the stack when it should be dead already. */
  checkAlive(): void {
    if (this.failure !== undefined) raiseTrap()
  }

  /** Refuses a call from the host into a dead or busy instance. */
  assertCallable(): void {
    const { death } = this
    if (death !== undefined) {
      throw new EngineError(
        'ERR_COMPONENT_TRAPPED',
        `Cannot call the instance: it trapped before (${death.details.reason})`,
        death.details,
        { cause: death },
      )
    }
    if (this.busy)
      throw new EngineError(
        'ERR_COMPONENT_REENTERED',
        'Cannot call the instance: another call is still running in it',
        {},
      )
  }

  /** `work`, or `instead` as soon as the store dies. */
  whileAlive<T>(
    work: PromiseLike<T>,
    finish: (value: T) => unknown,
    instead: unknown,
  ): Promise<unknown> {
    const waiting = (this.#waiting ??= new Set())
    return new Promise((resolve) => {
      const wake = (): void => resolve(instead)
      waiting.add(wake)
      work.then(
        (value) => {
          waiting.delete(wake)
          if (this.failure !== undefined) return resolve(instead)
          try {
            resolve(finish(value))
          } catch (error) {
            this.fail(error)
            resolve(instead)
          }
        },
        (error: unknown) => {
          waiting.delete(wake)
          this.fail(error)
          resolve(instead)
        },
      )
    })
  }

  /** Closes what nothing runs in any more. Its death is named when somebody asks: to name it takes as long as a call. */
  retire(): void {
    this.failure ??= RETIRED
    this.#stopListening?.()
  }

  /** Stops everything, as by a trap, without one. */
  close(): void {
    this.kill(interrupted('the instance was closed'))
  }
}

const RETIRED = { error: interrupted('the instance was closed') }
