import type { CoreFuncTypeAst } from '../binary/ast.ts'
import type { CoreModuleInfo } from '../core/module-info.ts'
import {
  type Filler,
  readFiller,
  readTrampolines,
  type Trampoline,
  type Trampolines,
} from '../core/trampolines.ts'
import type { ComponentPlan, CoreExport, LateImport, LateTarget, Step, StepOf } from './steps.ts'

// Toolchains put a module of trampolines between a core and the functions that it imports, and a module that fills the trampolines' table (see
// core/trampolines.ts). They are two of the three core instances of most components and do nothing that the engine could not do itself: a function that is
// lowered can be made first, and told later what it calls. So a plan is rewritten where nobody can tell:
//
// - Neither module has code besides the trampolines, a memory or a global, and instantiating them does nothing that is seen but fill the table, and call what
//   a core exports when that is done; the engine calls it then.
// - The table is theirs alone: no other module that is instantiated imports it, and nothing else of the component names it.
// - Each slot is filled once, by a function that the component lowers for this and for nothing else, and with the type by which the trampoline calls: no call
//   through the filled table could fail.
// - Trampolines go into imports of core modules and nowhere else, so what calls the function in their place is a core that imports it with their type, and
//   its arguments and results are converted as they were at the filler's import. A core with types in groups or with supertypes could import it with another
//   type that is only spelled the same, and would not be linked with a trampoline.
// - Until the filler's turn comes a call traps for the reason that an empty slot has: see `lowerFunc`.
//
// Whatever is not exactly this keeps its modules. So does an instance that may be suspended, since no JavaScript may stand between a guest and what
// suspends it. Visible is only that a backtrace has a frame less, the trampoline's.

/** What stands at one place of an index space of core items, as far as it matters here. */
type Entity =
  | { readonly kind: 'trampoline'; readonly of: Candidate; readonly trampoline: Trampoline }
  | { readonly kind: 'table'; readonly of: Candidate }
  | { readonly kind: 'lowered'; readonly of: Lowered }

/** A function that the component lowers. */
interface Lowered {
  readonly step: StepOf<'lower'>
  /** How many things use it. */
  uses: number
}

/** An instance of a module of trampolines. */
interface Candidate {
  readonly step: StepOf<'core-instantiate'>
  readonly trampolines: Trampolines
  /** Whether something sees of it what it could tell from a function of the engine. */
  isSeen: boolean
  readonly filled: Filled[]
}

/** What one filler writes into the table. */
interface Filled {
  readonly step: StepOf<'core-instantiate'>
  readonly slots: readonly {
    readonly entity: Entity | undefined
    readonly type: CoreFuncTypeAst | undefined
  }[]
  readonly start: CoreExport | undefined
}

/** What an instance exports that matters; instances with code of their own export nothing that does. */
type Exports = ReadonlyMap<string, Entity | undefined>

const NOTHING: Exports = new Map()

/** `plan` without trampolines, for instances that are never suspended. The modules must have been found valid. */
export function withDirectCalls(
  plan: ComponentPlan,
  modules: readonly CoreModuleInfo[],
  bytes: Uint8Array,
): ComponentPlan {
  const trampolines = new Map<CoreModuleInfo, Trampolines | undefined>()
  const fillers = new Map<CoreModuleInfo, Filler | undefined>()
  const read = <T>(
    known: Map<CoreModuleInfo, T>,
    info: CoreModuleInfo,
    reader: (bytes: Uint8Array, info: CoreModuleInfo) => T,
  ): T => {
    if (!known.has(info)) known.set(info, reader(bytes, info))
    return known.get(info) as T
  }
  const direct = (current: ComponentPlan): ComponentPlan => {
    const instead = new Map<Step, Step>()
    for (const step of current.steps) {
      if (step.kind !== 'component') continue
      const plan = direct(step.plan)
      if (plan !== step.plan) instead.set(step, { kind: 'component', plan })
    }
    const candidates = findCandidates(current, modules, {
      trampolines: (info) => read(trampolines, info, readTrampolines),
      filler: (info) => read(fillers, info, readFiller),
    })
    let late = 0
    for (const candidate of candidates) late += replace(candidate, late, instead)
    if (instead.size === 0) return current
    return { ...current, steps: current.steps.map((step) => instead.get(step) ?? step) }
  }
  return direct(plan)
}

/** Puts new steps in the place of a candidate's when it is what it seems; gives how many targets they have, which are numbered from `first`. */
function replace(candidate: Candidate, first: number, instead: Map<Step, Step>): number {
  const [filled, second] = candidate.filled
  if (candidate.isSeen || filled === undefined || second !== undefined) return 0
  if (filled.slots.length > candidate.trampolines.size) return 0
  const lowered: StepOf<'lower'>[] = []
  for (const { entity } of filled.slots) {
    if (entity?.kind !== 'lowered' || entity.of.uses !== 1) return 0
    lowered.push(entity.of.step)
  }
  const imports: LateImport[] = []
  for (const [name, { slot, type }] of candidate.trampolines.functions) {
    const step = lowered[slot]
    if (step === undefined || !isSame(type, filled.slots[slot]?.type)) return 0
    imports.push({ name, target: first + slot, type: step.type, adapter: step.adapter })
  }
  // What no trampoline calls nobody calls.
  const called = new Set(imports.map(({ target }) => target))
  const targets = lowered
    .map(({ func, options }, slot): LateTarget => ({ target: first + slot, func, options }))
    .filter(({ target }) => called.has(target))
  instead.set(candidate.step, { kind: 'late-imports', imports })
  for (const step of lowered) instead.set(step, { kind: 'core-gap' })
  instead.set(filled.step, { kind: 'connect', targets, start: filled.start })
  return lowered.length
}

function isSame(one: CoreFuncTypeAst, other: CoreFuncTypeAst | undefined): boolean {
  return (
    other !== undefined &&
    one.params.join() === other.params.join() &&
    one.results.join() === other.results.join()
  )
}

/** Follows trampolines, their tables and lowered functions through the steps of one component, each as `run/instantiate.ts` runs it. */
function findCandidates(
  plan: ComponentPlan,
  infos: readonly CoreModuleInfo[],
  read: {
    readonly trampolines: (info: CoreModuleInfo) => Trampolines | undefined
    readonly filler: (info: CoreModuleInfo) => Filler | undefined
  },
): readonly Candidate[] {
  const candidates: Candidate[] = []
  const modules: (CoreModuleInfo | undefined)[] = []
  const instances: Exports[] = []
  const funcs: (Entity | undefined)[] = []
  const tables: (Entity | undefined)[] = []

  const see = (entity: Entity | undefined): void => {
    if (entity === undefined) return
    if (entity.kind === 'lowered') entity.of.uses += 2
    else entity.of.isSeen = true
  }
  const seeFunc = (index: number | undefined): void => {
    if (index !== undefined) see(funcs[index])
  }

  const instantiate = (step: StepOf<'core-instantiate'>, info: CoreModuleInfo): Exports => {
    const trampolines = read.trampolines(info)
    if (trampolines !== undefined) {
      const candidate: Candidate = { step, trampolines, isSeen: false, filled: [] }
      candidates.push(candidate)
      const exports = new Map<string, Entity>([
        [trampolines.table, { kind: 'table', of: candidate }],
      ])
      for (const [name, trampoline] of trampolines.functions)
        exports.set(name, { kind: 'trampoline', of: candidate, trampoline })
      return exports
    }
    const given = new Map(step.args.map(({ name, instance }) => [name, instances[instance]]))
    const imported = info.imports.map(({ module, name }) => given.get(module)?.get(name))
    const filler = read.filler(info)
    const table = filler && imported[filler.table]
    if (filler === undefined || table?.kind !== 'table') {
      for (const entity of imported)
        if (entity?.kind !== 'trampoline' || !info.plainTypes) see(entity)
      return NOTHING
    }
    // What it imports and does not write it cannot use.
    const slots = filler.slots.map((index) => {
      const type = info.imports[index]?.type
      const entity = imported[index]
      if (entity?.kind === 'lowered') entity.of.uses++
      return { entity, type: type?.kind === 'func' ? type.type : undefined }
    })
    const started = filler.start === undefined ? undefined : info.imports[filler.start]
    if (filler.start !== undefined && imported[filler.start] !== undefined) table.of.isSeen = true
    const from = started && step.args.find(({ name }) => name === started.module)
    table.of.filled.push({
      step,
      slots,
      start: from && { instance: from.instance, name: started.name },
    })
    return NOTHING
  }

  for (const step of plan.steps) {
    switch (step.kind) {
      case 'module':
        modules.push(infos[step.module])
        break
      case 'core-instantiate': {
        const info = modules[step.module]
        // A module from elsewhere could be anything.
        if (info === undefined) return []
        instances.push(instantiate(step, info))
        break
      }
      case 'core-exports': {
        const exports = new Map<string, Entity | undefined>()
        for (const { name, sort, index } of step.exports) {
          if (sort === 'func') exports.set(name, funcs[index])
          else if (sort === 'table') exports.set(name, tables[index])
        }
        instances.push(exports)
        break
      }
      case 'core-alias': {
        const entity = instances[step.instance]?.get(step.name)
        if (step.sort === 'func') funcs.push(entity)
        else if (step.sort === 'table') tables.push(entity)
        break
      }
      case 'lift':
        seeFunc(step.func)
        seeFunc(step.options.realloc)
        seeFunc(step.options.postReturn)
        break
      case 'lower':
        seeFunc(step.options.realloc)
        funcs.push({ kind: 'lowered', of: { step, uses: 0 } })
        break
      case 'resource':
        seeFunc(step.destructor)
        break
      case 'resource.new':
      case 'resource.rep':
      case 'resource.drop':
        funcs.push(undefined)
        break
      case 'outer':
        if (step.sort === 'core module') modules.push(undefined)
        break
      case 'alias':
        if (step.sort === 'core module') modules.push(undefined)
        break
      case 'import':
        if (step.extern.sort === 'core module') modules.push(undefined)
        break
      case 'export':
        if (step.item?.sort === 'core module') modules.push(undefined)
        break
      case 'component':
      case 'instantiate':
      case 'exports':
        break
      default:
        // Tasks and built-ins, which nothing here knows; no plan that has them is run.
        return []
    }
  }
  return candidates
}
