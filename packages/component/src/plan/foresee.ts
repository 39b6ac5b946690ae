import type { ComponentAst } from '../binary/ast.ts'
import { type GrowthShare, shareMemory, shareTables } from '../core/cap.ts'
import type { CoreReader } from '../core/core-reader.ts'
import type { CoreModuleInfo, DefinedLimits } from '../core/module-info.ts'
import { EngineError } from '../errors.ts'
import type { EngineLimits } from '../limits.ts'

/** Which core modules a component has and what they will share, before anybody knows whether it is valid. */
export interface Foresight {
  /** In the order of the file. */
  readonly cores: readonly CoreModuleInfo[]
  readonly share: GrowthShare
}

/** More than that is worth no guess. */
const MAX_STEPS = 50_000

/**
 * Guesses what {@link rehearse} will find, so that the compiler can begin while this thread validates.
 *
 * It is right for what toolchains write, whose modules and components are instantiated where they are defined, and `undefined` for anything else. Being wrong costs
 * a compilation: the rehearsal decides.
 */
export function foresee(
  ast: ComponentAst,
  reader: CoreReader,
  limits: EngineLimits,
): Foresight | undefined {
  try {
    return new Seer(reader, limits).see(ast)
  } catch (error) {
    // What is wrong with the component is validation's to say.
    if (error instanceof EngineError) return undefined
    throw error
  }
}

class Seer {
  readonly #reader: CoreReader
  readonly #limits: EngineLimits
  readonly #cores = new Map<number, CoreModuleInfo>()
  readonly #memories: DefinedLimits[] = []
  readonly #tables: DefinedLimits[] = []
  #steps = 0

  constructor(reader: CoreReader, limits: EngineLimits) {
    this.#reader = reader
    this.#limits = limits
  }

  see(ast: ComponentAst): Foresight | undefined {
    if (!this.#readCores(ast) || !this.#play(ast)) return undefined
    const memoryPages = shareMemory(this.#memories, this.#limits.maxMemoryBytes)
    const tableElements = shareTables(this.#tables, this.#limits.maxTableElements)
    if (memoryPages === undefined || tableElements === undefined) return undefined
    return { cores: [...this.#cores.values()], share: { memoryPages, tableElements } }
  }

  #readCores({ definitions }: ComponentAst): boolean {
    return definitions.every((definition) => {
      if (++this.#steps > MAX_STEPS) return false
      if (definition.kind === 'component') return this.#readCores(definition.component)
      if (definition.kind !== 'core-module') return true
      if (this.#cores.size >= this.#limits.maxModules) return false
      this.#cores.set(definition.start, this.#reader.at(definition))
      return true
    })
  }

  /** Instantiates; `false` for what only a rehearsal can follow. */
  #play({ definitions }: ComponentAst): boolean {
    const modules: (CoreModuleInfo | undefined)[] = []
    const components: (ComponentAst | undefined)[] = []
    const pushUnknown = (sort: string): void => {
      if (sort === 'core module') modules.push(undefined)
      else if (sort === 'component') components.push(undefined)
    }
    for (const definition of definitions) {
      if (++this.#steps > MAX_STEPS) return false
      switch (definition.kind) {
        case 'core-module':
          modules.push(this.#cores.get(definition.start))
          break
        case 'core-instantiate': {
          const info = modules[definition.module]
          if (info === undefined) return false
          this.#memories.push(...info.memories)
          this.#tables.push(...info.tables)
          break
        }
        case 'component':
          components.push(definition.component)
          break
        case 'instantiate': {
          const component = components[definition.component]
          if (component === undefined || !this.#play(component)) return false
          break
        }
        case 'alias':
          if (definition.alias.kind !== 'core-export') pushUnknown(definition.alias.sort)
          break
        case 'import':
          pushUnknown(definition.type.sort)
          break
        case 'export':
          pushUnknown(definition.sort)
          break
        default:
      }
    }
    return true
  }
}
