import type { MemoryLimits } from './interruption.ts'

const PAGE_BYTES = 65_536
const MAX_KEPT = 4

/** Most pages of a memory that is worth wiping: a larger one is made anew as fast. */
export const MAX_WIPED_PAGES = 8

/** A memory that an instance was made with, and the limits that it was made for. */
export interface LentMemory {
  readonly memory: WebAssembly.Memory
  /** Its bytes, detached when it has grown. */
  readonly bytes: Uint8Array
  readonly limits: MemoryLimits
}

/**
 * Small memories of instances that are over, wiped, for the next ones: making a memory is most of making an instance.
 *
 * Which bytes the earlier guest wrote cannot be seen in it. All the same, give guests of different owners pools of their own.
 *
 * @example
 * ```ts
 * const memories = new MemoryPool()
 * const instance = await component.instantiate(imports, { memories, interruption })
 * instance.exports.run()
 * instance.retire()
 * ```
 */
export class MemoryPool {
  readonly #free: LentMemory[] = []

  /** @internal */
  take(limits: MemoryLimits): LentMemory | undefined {
    const at = this.#free.findIndex(
      ({ limits: { min, max } }) => min === limits.min && max === limits.max,
    )
    return at === -1 ? undefined : this.#free.splice(at, 1)[0]
  }

  /** @internal */
  give(lent: LentMemory): void {
    const { bytes, limits } = lent
    if (limits.min > MAX_WIPED_PAGES || this.#free.length >= MAX_KEPT) return
    // One that has grown stays as large as it is; where there was nothing, nothing tells whether it has.
    if (limits.min === 0 || bytes.length !== limits.min * PAGE_BYTES) return
    bytes.fill(0)
    this.#free.push(lent)
  }
}
