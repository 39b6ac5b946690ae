import type { CoreModuleInfo, DefinedLimits } from '../core/module-info.ts'
import { overLimit } from '../errors.ts'
import type { EngineLimits } from '../limits.ts'
import type { ComponentPlan, PlannedItem, Step } from '../plan/steps.ts'

/** What one instantiation will create. */
export interface Rehearsal {
  readonly memories: readonly DefinedLimits[]
  readonly tables: readonly DefinedLimits[]
}

interface Place {
  readonly modules: number[]
  readonly components: Actor[]
  readonly instances: Cast[]
  readonly exports: Map<string, Part>
  readonly outer: Place | undefined
}
interface Actor {
  readonly plan: ComponentPlan
  readonly outer: Place | undefined
}
type Cast = ReadonlyMap<string, Part>
type Part =
  | { readonly sort: 'core module'; readonly value: number }
  | { readonly sort: 'component'; readonly value: Actor }
  | { readonly sort: 'instance'; readonly value: Cast }

/**
 * Walks through an instantiation without code, because modules and components are values that can be handed around and used many times:
 * only this tells how many memories there will be.
 *
 * @throws {@link EngineError} `ERR_COMPONENT_LIMIT` (`maxInstances`, `maxDefinitions`, `maxGlobals`, `maxCoreItems`)
 */
export function rehearse(
  plan: ComponentPlan,
  modules: readonly CoreModuleInfo[],
  limits: EngineLimits,
): Rehearsal {
  const memories: DefinedLimits[] = []
  const tables: DefinedLimits[] = []
  let instances = 0
  let definitions = 0
  let globals = 0
  let coreItems = 0
  const count = (): void => {
    if (++instances > limits.maxInstances) throw overLimit('maxInstances', limits.maxInstances)
  }

  const play = ({ plan: current, outer }: Actor, imports: Cast): Place => {
    count()
    const place: Place = { modules: [], components: [], instances: [], exports: new Map(), outer }
    const take = (item: PlannedItem): Part | undefined => {
      if (item.sort === 'core module')
        return { sort: item.sort, value: place.modules[item.index] as number }
      if (item.sort === 'component')
        return { sort: item.sort, value: place.components[item.index] as Actor }
      if (item.sort === 'instance')
        return { sort: item.sort, value: place.instances[item.index] as Cast }
      return undefined
    }
    const collect = (items: readonly PlannedItem[]): Cast => {
      const cast = new Map<string, Part>()
      for (const item of items) {
        const part = take(item)
        if (part !== undefined) cast.set(item.name, part)
      }
      return cast
    }
    const push = (part: Part | undefined): void => {
      if (part?.sort === 'core module') place.modules.push(part.value)
      else if (part?.sort === 'component') place.components.push(part.value)
      else if (part?.sort === 'instance') place.instances.push(part.value)
    }
    // Each instance holds its definitions anew, so a large component instantiated many times is paid for as often.
    definitions += current.steps.length
    for (const step of current.steps) definitions += namesIn(step)
    if (definitions > limits.maxDefinitions)
      throw overLimit('maxDefinitions', limits.maxDefinitions)
    for (const step of current.steps) {
      switch (step.kind) {
        case 'module':
          place.modules.push(step.module)
          break
        case 'core-instantiate': {
          count()
          const info = modules[place.modules[step.module] as number]
          memories.push(...(info?.memories ?? []))
          tables.push(...(info?.tables ?? []))
          // They lie outside the JavaScript heap, where no limit of a worker sees them.
          globals += info?.definedGlobals ?? 0
          if (globals > limits.maxGlobals) throw overLimit('maxGlobals', limits.maxGlobals)
          coreItems += info?.items ?? 0
          if (coreItems > limits.maxCoreItems) throw overLimit('maxCoreItems', limits.maxCoreItems)
          break
        }
        case 'component':
          place.components.push({ plan: step.plan, outer: place })
          break
        case 'instantiate':
          place.instances.push(
            play(place.components[step.component] as Actor, collect(step.args)).exports,
          )
          break
        case 'exports':
          place.instances.push(collect(step.exports))
          break
        case 'alias':
          push((place.instances[step.instance] as Cast).get(step.name) ?? standIn(step.sort))
          break
        case 'outer': {
          let from: Place = place
          for (let i = 0; i < step.count; i++) from = from.outer as Place
          if (step.sort === 'core module') place.modules.push(from.modules[step.index] as number)
          else place.components.push(from.components[step.index] as Actor)
          break
        }
        case 'import':
          push(imports.get(step.name) ?? standIn(step.extern.sort))
          break
        case 'export': {
          const part = step.item && take(step.item)
          if (part !== undefined) place.exports.set((step.item as PlannedItem).name, part)
          push(part)
          break
        }
        default:
      }
    }
    return place
  }
  play({ plan, outer: undefined }, new Map())
  return { memories, tables }
}

/** How many items the step puts together by name. */
function namesIn(step: Step): number {
  if (step.kind === 'exports' || step.kind === 'core-exports') return step.exports.length
  return step.kind === 'instantiate' || step.kind === 'core-instantiate' ? step.args.length : 0
}

/** An instance that only the host knows exports functions and types, nothing that matters here. */
function standIn(sort: string): Part | undefined {
  return sort === 'instance' ? { sort: 'instance', value: HOST } : undefined
}

const HOST: Cast = { get: () => undefined } as unknown as Cast
