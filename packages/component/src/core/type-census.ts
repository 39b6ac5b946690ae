import type { CoreFuncTypeAst } from '../binary/ast.ts'
import { overLimit } from '../errors.ts'

/** The function types of a core module, as far as they tell how many V8 will keep of them. */
export interface ModuleTypes {
  readonly types: readonly CoreFuncTypeAst[]
  /** Whether all of them are equal to others that are spelled the same: none in a group, with a supertype, or that refers to another by its index. */
  readonly plainTypes: boolean
}

const MAX_PLAIN_PARTS = 24

/**
 * Counts the distinct function types that this process has compiled.
 *
 * V8 keeps one copy of each for all threads and for ever, also of modules that were thrown away, and ends the process at two million. Real
 * modules share theirs, so only somebody who wants it gets there.
 */
export class TypeCensus {
  readonly #maximum: number
  readonly #known = new Set<string>()
  #count = 0

  constructor(maximum: number) {
    this.#maximum = maximum
  }

  /**
   * Takes in the types of a module before it is compiled; those that are known cost nothing. `key` stands for the module where its types cannot be
   * told apart by their spelling, see {@link tellsTypesApart}: the same bytes have the same types.
   *
   * @throws {@link EngineError} `ERR_COMPONENT_LIMIT` when they would be too many; then none is taken in
   */
  admit(module: ModuleTypes, key: string | undefined): void {
    const { types } = module
    const isPlain = tellsTypesApart(module)
    const keys = isPlain ? new Set(types.map(spell)) : new Set([key as string])
    const fresh = [...keys].filter((one) => !this.#known.has(one))
    const added = isPlain ? fresh.length : fresh.length * types.length
    if (this.#count + added > this.#maximum)
      throw overLimit('the function types of core modules in one process', this.#maximum)
    this.#count += added
    for (const one of fresh) this.#known.add(one)
  }
}

/** What all compilation of this thread goes by. */
export const typesOfProcess: TypeCensus = new TypeCensus(500_000)

/** Whether the types of a module are known by their spelling, so that nothing needs to stand for the module. */
export function tellsTypesApart({ types, plainTypes }: ModuleTypes): boolean {
  return plainTypes && types.every(isShort)
}

function isShort({ params, results }: CoreFuncTypeAst): boolean {
  return params.length + results.length <= MAX_PLAIN_PARTS
}

function spell({ params, results }: CoreFuncTypeAst): string {
  return `${params.join()}>${results.join()}`
}
