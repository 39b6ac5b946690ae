import { EngineError } from './errors.ts'

/** What a component may use. Every number is an inclusive maximum. */
export interface EngineLimits {
  /** Size of the component in bytes. @default 64 MiB */
  readonly maxComponentBytes: number
  /** Sum over all linear memories of one instance, in bytes; growing beyond it fails in the guest. @default 128 MiB */
  readonly maxMemoryBytes: number
  /** Sum over all tables of one instance, in elements. @default 1,000,000 */
  readonly maxTableElements: number
  /** Sum over all globals that the core instances of one instance define. @default 100,000 */
  readonly maxGlobals: number
  /** Sum over the functions, imports, exports and segments of all core instances of one instance. @default 500,000 */
  readonly maxCoreItems: number
  /** Core modules defined in the component. @default 100 */
  readonly maxModules: number
  /** Core and component instances created by one instantiation. @default 1,000 */
  readonly maxInstances: number
  /** Definitions, over all nested components, and again with what they name over all instances that one instantiation creates. @default 100,000 */
  readonly maxDefinitions: number
  /** Components, component types and instance types inside each other. @default 30 */
  readonly maxNesting: number
  /** Nodes of one value type written out in full. @default 10,000 */
  readonly maxTypeNodes: number
  /** Nesting of one value type. @default 100 */
  readonly maxTypeDepth: number
  /** Bytes of strings and lists crossing the boundary in one call and those that it is made in, each direction: what they take in the host, where that is more. @default 64 MiB */
  readonly maxCallBytes: number
  /** Live resource handles of one instance, over all components in it. @default 1,000 */
  readonly maxHandles: number
}

/** What {@link EngineLimits} are when nothing is said. */
export const DEFAULT_LIMITS: EngineLimits = Object.freeze({
  maxComponentBytes: 64 * 1024 * 1024,
  maxMemoryBytes: 128 * 1024 * 1024,
  maxTableElements: 1_000_000,
  maxGlobals: 100_000,
  maxCoreItems: 500_000,
  maxModules: 100,
  maxInstances: 1_000,
  maxDefinitions: 100_000,
  maxNesting: 30,
  maxTypeNodes: 10_000,
  maxTypeDepth: 100,
  maxCallBytes: 64 * 1024 * 1024,
  maxHandles: 1_000,
})

/** `limits` with defaults filled in. @throws RangeError when one is not a non-negative integer. */
export function toLimits(
  limits?: Partial<EngineLimits>,
  base: EngineLimits = DEFAULT_LIMITS,
): EngineLimits {
  if (limits === undefined) return base
  const whole: Record<string, number> = { ...base }
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined) continue
    if (!Object.hasOwn(DEFAULT_LIMITS, name))
      throw new RangeError(`${name} is no limit of the engine`)
    if (!Number.isSafeInteger(value) || value < 0)
      throw new RangeError(`${name} must be a non-negative integer`)
    whole[name] = value
  }
  return whole as unknown as EngineLimits
}

const MAX_EXTERN_NODES = 100_000
const MAX_HELD_CORE_ITEMS = 2_000_000

/**
 * Counts the work a component causes while it is decoded and validated, so that no small file costs a large time.
 */
export class WorkBudget {
  readonly limits: EngineLimits
  #definitions = 0
  #coreItems = 0
  #steps = 0
  readonly #maxSteps: number

  constructor(limits: EngineLimits, inputBytes: number) {
    this.limits = limits
    // Proportional to the input: a real component needs well under ten steps a byte.
    this.#maxSteps = 1_000_000 + inputBytes * 50
  }

  define(): void {
    if (++this.#definitions > this.limits.maxDefinitions)
      this.#refuse('maxDefinitions', this.limits.maxDefinitions)
  }

  /** Counts what is held of core modules while the component is validated: a byte of them can be sixty here. */
  holdCoreItems(count: number): void {
    this.#coreItems += count
    if (this.#coreItems > MAX_HELD_CORE_ITEMS)
      this.#refuse('items of all core modules', MAX_HELD_CORE_ITEMS)
  }

  /**
   * Counts a walk over a type of `nodes` items. Small types made of each other are large when written out, so their walks are paid for in full.
   */
  walk(nodes: number): number {
    if (nodes > MAX_EXTERN_NODES)
      this.#refuse('items of one instance or component type', MAX_EXTERN_NODES)
    this.spend(nodes)
    return nodes
  }

  spend(steps: number): void {
    this.#steps += steps
    if (this.#steps > this.#maxSteps) this.#refuse('validation steps', this.#maxSteps)
  }

  #refuse(limit: string, maximum: number): never {
    throw new EngineError(
      'ERR_COMPONENT_LIMIT',
      `Cannot load component: it exceeds ${limit} (${maximum})`,
      { limit, maximum },
    )
  }
}
