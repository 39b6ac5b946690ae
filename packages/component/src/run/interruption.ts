import { INTERRUPTION_MEMORY } from '../core/rewrite.ts'
import type { LentMemory, MemoryPool } from './memory-pool.ts'

/** What stops the guests that were compiled with `interruption`. */
export type Interruption = InterruptionFlag | InterruptionFuel

/**
 * A flag that stops a running guest, raised by another thread.
 *
 * The guest traps at its next check: within a few milliseconds, or when a `memory.fill`, `memory.copy` or table instruction is done that it is in the middle of. Guests
 * can neither read nor write it. Guests of different owners must not share one: raising it stops every instance that was made with it.
 *
 * @example
 * ```ts
 * const flag = new InterruptionFlag()
 * watchdog.postMessage(flag.buffer) // there: raiseInterruption(buffer)
 * const instance = await component.instantiate(imports, { interruption: flag })
 * ```
 */
export class InterruptionFlag {
  readonly kind = 'flag'
  readonly #memory: WebAssembly.Memory
  readonly #view: Int32Array

  /** A new flag, or the one that another thread posted its {@link InterruptionFlag.memory} of. */
  constructor(memory?: WebAssembly.Memory) {
    this.#memory = memory ?? new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
    this.#view = new Int32Array(this.#memory.buffer)
  }

  /** To be posted to a thread whose guests this flag is to stop. */
  get memory(): WebAssembly.Memory {
    return this.#memory
  }

  /** To be posted to the thread that raises it, see {@link raiseInterruption}. */
  get buffer(): SharedArrayBuffer {
    return this.#memory.buffer as unknown as SharedArrayBuffer
  }

  get raised(): boolean {
    return Atomics.load(this.#view, 0) !== 0
  }

  /** Stops the guest as soon as it runs on. */
  raise(): void {
    Atomics.store(this.#view, 0, 1)
  }

  /** Makes the flag good for another instance. Whoever raises flags must know by then that the last one is over. */
  clear(): void {
    Atomics.store(this.#view, 0, 0)
  }
}

/** Raises the flag whose {@link InterruptionFlag.buffer} this is, from any thread. */
export function raiseInterruption(buffer: SharedArrayBuffer): void {
  Atomics.store(new Int32Array(buffer), 0, 1)
}

/**
 * What a guest may work, where no other thread can stop it: it traps when the fuel is used up.
 *
 * A unit pays for a byte of code that is run through, and for a byte or element of a bulk instruction, in advance and rather too much than too little; a call that is over soon
 * anyway is free. The host sets `remaining` between calls, and whenever the guest has called it.
 */
export class InterruptionFuel {
  readonly kind = 'fuel'
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: 1 })
  readonly #view = new DataView(this.#memory.buffer)

  constructor(units: bigint) {
    this.remaining = units
  }

  /** @internal */
  get memory(): WebAssembly.Memory {
    return this.#memory
  }

  /** What is left. Less than nothing once it was used up. */
  get remaining(): bigint {
    return this.#view.getBigInt64(0, true)
  }

  set remaining(units: bigint) {
    this.#view.setBigInt64(0, units, true)
  }

  get raised(): boolean {
    return this.remaining < 0n
  }
}

/** What `new WebAssembly.Memory` needs to make a memory that a rewritten module takes as an import. */
export interface MemoryLimits {
  readonly min: number
  readonly max: number | undefined
}

/** What stops one instance, and what its rewritten modules import: for each module the memories it had defined. */
export interface Stopper {
  readonly interruption: Interruption
  /** `undefined` for a module that needed no rewriting. */
  readonly memories: readonly (readonly MemoryLimits[] | undefined)[]
  /** Where memories are looked for before they are made. */
  readonly pool: MemoryPool | undefined
  /** The memories that the instance was given. */
  readonly lent: LentMemory[]
}

/** The imports that rewriting added to `module`, for one instance of it; `undefined` when there are none. */
export function rewriterImports(
  { interruption, memories, pool, lent }: Stopper,
  module: number,
): Record<string, WebAssembly.Memory> | undefined {
  const limits = memories[module]
  if (limits === undefined) return undefined
  const imports: Record<string, WebAssembly.Memory> = {
    [INTERRUPTION_MEMORY]: interruption.memory,
  }
  limits.forEach((one, index) => {
    const memory = pool?.take(one) ?? makeMemory(one)
    lent.push(memory)
    imports[index] = memory.memory
  })
  return imports
}

function makeMemory(limits: MemoryLimits): LentMemory {
  const { min, max } = limits
  const memory = new WebAssembly.Memory({
    initial: min,
    ...(max !== undefined && { maximum: max }),
  })
  return { memory, bytes: new Uint8Array(memory.buffer), limits }
}
