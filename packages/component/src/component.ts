import type { Digest } from '@morphee/core'
import type { ComponentAst } from './binary/ast.ts'
import { decodeComponent } from './binary/decode.ts'
import { type GrowthShare, memoryMaxima, shareMemory, shareTables } from './core/cap.ts'
import type { InterruptionKind } from './core/check-code.ts'
import { beginCore, type BegunCore, type CoreOptions, verifyCore } from './core/compile-core.ts'
import { CoreReader } from './core/core-reader.ts'
import type { CoreModuleInfo } from './core/module-info.ts'
import { isRewritten } from './core/rewrite.ts'
import { type EngineError, overLimit, unsupported } from './errors.ts'
import { type EngineLimits, toLimits, WorkBudget } from './limits.ts'
import { withDirectCalls } from './plan/direct-calls.ts'
import { foresee, type Foresight } from './plan/foresee.ts'
import type { ComponentPlan } from './plan/steps.ts'
import { type ComponentExports, exposeExports } from './run/exports.ts'
import { type HostImports, linkImports } from './run/host-imports.ts'
import { instantiatePlan } from './run/instantiate.ts'
import type { Interruption, MemoryLimits, Stopper } from './run/interruption.ts'
import type { MemoryPool } from './run/memory-pool.ts'
import { rehearse } from './run/rehearse.ts'
import { Store } from './run/store.ts'
import { assertCanSuspend } from './run/suspension.ts'
import { describeComponent, type NamedExtern } from './types/describe.ts'
import { type FeatureNeed, validateComponent } from './validate/component.ts'
import { type DeclarationOptions, printDeclarations } from './wit/print-declarations.ts'
import { printWit } from './wit/print-wit.ts'
import { recoverWorld } from './wit/recover.ts'

/** Options of {@link Component.compile}. */
export interface CompileOptions {
  readonly limits?: Partial<EngineLimits>
  /**
   * Core modules that were compiled from the same bytes with the same limits, as {@link Component.modules} gives them: for a worker that got them by
   * `postMessage`. They are trusted.
   */
  readonly modules?: readonly WebAssembly.Module[]
  /** Where compiled cores are looked up and left, by the digest of what was compiled: many components share a core. */
  readonly cache?: ModuleCache
  /**
   * Puts checks into the guest's code, so that it can be stopped while it computes: by a flag that another thread raises, or, where there is no shared memory,
   * by fuel that is used up. {@link InstantiateOptions.interruption} gives the one or the other. Without it a guest that never returns can only be ended with its thread.
   */
  readonly interruption?: InterruptionKind
  /**
   * Whether the modules that toolchains put between a core and its imports, tables of trampolines and what fills them, are instantiated where the engine can do
   * without. They mean nothing but time; this is for comparing.
   *
   * @default false
   */
  readonly keepTrampolines?: boolean
}

/** A place for compiled cores. A `Map` is one. */
export interface ModuleCache {
  get(digest: Digest): WebAssembly.Module | undefined
  set(digest: Digest, module: WebAssembly.Module): unknown
}

/** Options of {@link Component.instantiate}. */
export interface InstantiateOptions {
  /**
   * Imported functions that may return a promise, during which the guest sleeps: `morphee:extension/http#read`, with or without a version, or the bare name of a
   * function that the world imports directly. When one of them is really imported, every export of the instance returns a promise.
   */
  readonly suspending?: Iterable<string>
  /**
   * Stops the guest at its next host call, or at once when it is suspended; the instance is dead then. It is listened to until the instance is dead or
   * closed. Already aborted, its reason is thrown.
   */
  readonly signal?: AbortSignal
  /** What stops this instance, of the kind that it was compiled with. */
  readonly interruption?: Interruption
  /** Where its memories come from and, by {@link ComponentInstance.retire}, go to; used for components that were compiled for an interruption. */
  readonly memories?: MemoryPool
  /** Limits of this instance below those of the component. `maxMemoryBytes` and `maxTableElements` are fixed at compile time. */
  readonly limits?: Partial<Pick<EngineLimits, 'maxCallBytes' | 'maxHandles'>>
}

/**
 * A WebAssembly component: decoded, validated, its core modules compiled and its calls planned. Instantiating it is cheap.
 *
 * @example
 * ```ts
 * const component = await Component.compile(bytes)
 * const instance = await component.instantiate({ 'morphee:extension/log': { write(level, message) {} } })
 * instance.exports['morphee:extension/actions@0.9.0'].invoke('echo', '{}')
 * ```
 */
export class Component {
  readonly #plan: ComponentPlan
  /** What is done when nothing can suspend the instance. */
  readonly #directPlan: ComponentPlan
  readonly #limits: EngineLimits
  readonly #rewritten: RewrittenFor | undefined
  #description: { imports: readonly NamedExtern[]; exports: readonly NamedExtern[] } | undefined
  /** The compiled core modules, in the order of the file. They can be posted to a worker. */
  readonly modules: readonly WebAssembly.Module[]
  /** What each core module is cached under: the digest of all that it was compiled from. Empty without a cache. */
  readonly coreDigests: readonly Digest[]

  private constructor(
    plan: ComponentPlan,
    directPlan: ComponentPlan,
    limits: EngineLimits,
    rewritten: RewrittenFor | undefined,
    modules: readonly WebAssembly.Module[],
    coreDigests: readonly Digest[],
  ) {
    this.#plan = plan
    this.#directPlan = directPlan
    this.#limits = limits
    this.#rewritten = rewritten
    this.modules = modules
    this.coreDigests = coreDigests
  }

  /**
   * Decodes, validates and compiles a component. `bytes` are copied nowhere and must not change meanwhile.
   *
   * @throws {@link EngineError} `ERR_COMPONENT_MALFORMED`, `ERR_COMPONENT_INVALID`, `ERR_COMPONENT_UNSUPPORTED`, `ERR_COMPONENT_LIMIT`
   */
  static async compile(bytes: Uint8Array, options: CompileOptions = {}): Promise<Component> {
    const limits = toLimits(options.limits)
    const { modules, cache, interruption, keepTrampolines = false } = options
    const draft = decode(bytes, limits)
    // The compiler works on other threads: it need not wait for validation, only for the places where modules are cut out and capped.
    const foreseen =
      modules === undefined
        ? withinStack(limits, () => foresee(draft.ast, draft.reader, limits))
        : undefined
    const early = foreseen && (await beginCores(bytes, foreseen, { interruption, cache }))
    const prepared = prepare(draft, limits)
    if (prepared.kind === 'unsupported') {
      // What is missing here is no excuse for what is invalid, be it code.
      for (const info of prepared.cores) await verifyCore(bytes, info)
      throw unsupported(prepared.need.offset, prepared.need.feature)
    }
    const { plan, cores, share } = prepared
    // Not before the code is known to be valid.
    const directPlan = (): ComponentPlan =>
      keepTrampolines ? plan : withDirectCalls(plan, cores, bytes)
    const rewrittenFor = (modules: readonly WebAssembly.Module[]): RewrittenFor | undefined =>
      interruption && {
        by: interruption === 'fuel' ? 'fuel' : 'flag',
        memories: cores.map((info, index) =>
          isRewritten(modules[index] as WebAssembly.Module) ? memoryLimits(info, share) : undefined,
        ),
      }
    if (modules !== undefined) {
      if (modules.length !== cores.length)
        throw new TypeError(
          `The component has ${cores.length} core modules, ${modules.length} were given`,
        )
      return new Component(plan, directPlan(), limits, rewrittenFor(modules), modules, [])
    }
    const wasForeseen =
      foreseen?.share.memoryPages === share.memoryPages &&
      foreseen.share.tableElements === share.tableElements
    const begun =
      wasForeseen && early ? early : await beginCores(bytes, prepared, { interruption, cache })
    const settled = await Promise.allSettled(
      begun.map(async (core) => {
        const { module, digest } = await core
        return { module: await module, digest }
      }),
    )
    // Of several faults the first in the file is told.
    const compiled = settled.map((outcome) => {
      if (outcome.status === 'rejected') throw outcome.reason
      return outcome.value
    })
    const made = compiled.map(({ module }) => module)
    return new Component(
      plan,
      directPlan(),
      limits,
      rewrittenFor(made),
      made,
      compiled.flatMap(({ digest }) => (cache !== undefined && digest ? [digest] : [])),
    )
  }

  /** What the component asks for, with types. */
  get imports(): readonly NamedExtern[] {
    return this.#describe().imports
  }

  /** What the component offers, with types. */
  get exports(): readonly NamedExtern[] {
    return this.#describe().exports
  }

  /**
   * The component's world as WIT text, as `wasm-tools component wit` prints it, without documentation.
   *
   * What names it uses are the component's, all of them valid in WIT. What WIT has no words for, as an instance in an instance, is left
   * out and said in a comment.
   *
   * @throws {@link EngineError} `ERR_COMPONENT_LIMIT` when types that share their parts become more than 8 Mi characters written out
   */
  wit(): string {
    return printWit(recoverWorld(this.#plan.type))
  }

  /**
   * TypeScript declarations for a host, by jco's conventions: the types `Imports` and `Exports`, and a namespace for each interface.
   *
   * What `instantiate<Exports>` takes is an `Imports`, and `exports` of its instance is an `Exports`: nobody checks that they are this component's.
   *
   * @throws {@link EngineError} `ERR_COMPONENT_LIMIT` as {@link Component.wit}
   */
  declarations(options: DeclarationOptions = {}): string {
    return printDeclarations(recoverWorld(this.#plan.type), options)
  }

  #describe(): { imports: readonly NamedExtern[]; exports: readonly NamedExtern[] } {
    this.#description ??= describeComponent(this.#plan.type)
    return this.#description
  }

  /**
   * Makes an instance. Import names resolve by version: `@1.2.0` is served by the newest `1.x` that the host offers, `@0.9.1` by the newest `0.9.x`,
   * and any by the interface without a version.
   *
   * @throws {@link EngineError} `ERR_COMPONENT_LINK`, `ERR_COMPONENT_TRAPPED` when a start function traps, `ERR_COMPONENT_ASYNC_UNSUPPORTED`
   */
  async instantiate<Exports = ComponentExports>(
    imports: HostImports = {},
    options: InstantiateOptions = {},
  ): Promise<ComponentInstance<Exports>> {
    const { items, suspends } = linkImports(
      this.#plan.type.imports,
      imports,
      options.suspending ?? [],
    )
    if (suspends) assertCanSuspend()
    const store = new Store(
      toLimits(options.limits, this.#limits),
      options.signal,
      this.#stopper(options),
    )
    store.busy = true
    try {
      const plan = suspends ? this.#plan : this.#directPlan
      const frame = instantiatePlan(store, this.modules, plan, items)
      if (store.death !== undefined) throw store.death
      const exports = exposeExports(store, frame.exports, suspends)
      return new ComponentInstance(store, exports as Exports)
    } catch (error) {
      throw store.fail(error)
    } finally {
      store.busy = false
    }
  }

  #stopper({ interruption, memories }: InstantiateOptions): Stopper | undefined {
    const compiledFor = this.#rewritten?.by
    if (interruption?.kind !== compiledFor)
      throw new TypeError(
        `The component was compiled for interruption by ${compiledFor ?? 'nothing'}, ${interruption?.kind ?? 'nothing'} was given`,
      )
    if (interruption === undefined || this.#rewritten === undefined) return undefined
    return { interruption, memories: this.#rewritten.memories, pool: memories, lent: [] }
  }
}

/** A component instance: exports to call, until it traps or is closed. */
export class ComponentInstance<Exports = ComponentExports> {
  readonly #store: Store
  /** Interfaces under their full names, functions in camel case. */
  readonly exports: Exports

  /** @internal */
  constructor(store: Store, exports: Exports) {
    this.#store = store
    this.exports = exports
  }

  /** Why the instance can no longer be called, or `undefined` while it can. */
  get death(): EngineError<'ERR_COMPONENT_TRAPPED'> | undefined {
    return this.#store.death
  }

  /** Ends the instance: a suspended call is stopped, every further one is refused. */
  close(): void {
    this.#store.close()
  }

  /** Ends the instance and gives its memories back to the pool they are from. One that trapped, or in which a call runs, is closed and no more. */
  retire(): void {
    const { stopper, busy, death } = this.#store
    if (busy || death !== undefined) return this.#store.close()
    this.#store.retire()
    if (stopper?.pool === undefined) return
    for (const lent of stopper.lent) stopper.pool.give(lent)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** What rewriting left to whoever instantiates the core modules. */
interface RewrittenFor {
  /** What its instances have to be given. */
  readonly by: Interruption['kind']
  readonly memories: Stopper['memories']
}

type Prepared =
  | {
      readonly kind: 'plan'
      readonly plan: ComponentPlan
      readonly cores: readonly CoreModuleInfo[]
      readonly share: GrowthShare
    }
  | {
      readonly kind: 'unsupported'
      readonly need: FeatureNeed
      readonly cores: readonly CoreModuleInfo[]
    }

/** A component that was read and not yet understood. */
interface Draft {
  readonly bytes: Uint8Array
  readonly ast: ComponentAst
  readonly budget: WorkBudget
  readonly reader: CoreReader
}

function decode(bytes: Uint8Array, limits: EngineLimits): Draft {
  return withinStack(limits, () => {
    const budget = new WorkBudget(limits, bytes.length)
    const ast = decodeComponent(bytes, budget)
    return { bytes, ast, budget, reader: new CoreReader(bytes, budget) }
  })
}

/** Validation, and everything else of compilation that needs no compiler. */
function prepare({ bytes, ast, budget, reader }: Draft, limits: EngineLimits): Prepared {
  return withinStack(limits, () => {
    const { plan, modules, needs } = validateComponent(bytes, ast, budget, reader)
    const [need] = needs
    if (need !== undefined) return { kind: 'unsupported', need, cores: modules }
    const { memories, tables } = rehearse(plan, modules, limits)
    const memoryPages = shareMemory(memories, limits.maxMemoryBytes)
    if (memoryPages === undefined) throw overLimit('maxMemoryBytes', limits.maxMemoryBytes)
    const tableElements = shareTables(tables, limits.maxTableElements)
    if (tableElements === undefined) throw overLimit('maxTableElements', limits.maxTableElements)
    return { kind: 'plan', plan, cores: modules, share: { memoryPages, tableElements } }
  })
}

/** Types can refer to types without end in a flat file; the stack is the last bound. */
function withinStack<T>(limits: EngineLimits, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof RangeError) throw overLimit('nesting of types', limits.maxNesting)
    throw error
  }
}

/** Hands all core modules to the compiler, side by side; resolves when it has them. */
async function beginCores(
  bytes: Uint8Array,
  { cores, share }: Foresight,
  options: Omit<CoreOptions, 'share'>,
): Promise<readonly Promise<BegunCore>[]> {
  const begun = cores.map((info) => beginCore(bytes, info, { share, ...options }))
  await Promise.allSettled(begun)
  return begun
}

function memoryLimits(info: CoreModuleInfo, share: GrowthShare): MemoryLimits[] {
  const maxima = memoryMaxima(info, share)
  return info.memories.map(({ min }, index) => ({ min, max: maxima[index] }))
}
