import type { WorkBudget } from '../limits.ts'
import { type CoreModuleInfo, readCoreModule } from './module-info.ts'

/** Reads the core modules of one file, each once, whoever asks first. */
export class CoreReader {
  readonly #bytes: Uint8Array
  readonly #budget: WorkBudget
  readonly #read = new Map<number, () => CoreModuleInfo>()

  constructor(bytes: Uint8Array, budget: WorkBudget) {
    this.#bytes = bytes
    this.#budget = budget
  }

  /**
   * The module at this place; what is wrong with it is told whenever it is asked for.
   *
   * @throws {@link EngineError} as {@link readCoreModule}
   */
  at({ start, end }: { readonly start: number; readonly end: number }): CoreModuleInfo {
    let read = this.#read.get(start)
    if (read === undefined) this.#read.set(start, (read = this.#attempt(start, end)))
    return read()
  }

  #attempt(start: number, end: number): () => CoreModuleInfo {
    try {
      const info = readCoreModule(this.#bytes, start, end, this.#budget)
      return () => info
    } catch (error) {
      return () => {
        throw error
      }
    }
  }
}
