import { CallContext } from '../abi/context.ts'
import { markEntries } from '../abi/backtrace.ts'
import { abiTrap, raiseTrap } from '../abi/trap.ts'
import type {
  ComponentPlan,
  PlannedItem,
  PlannedOptions,
  ResourceBinding,
  Step,
  StepOf,
} from '../plan/steps.ts'
import { type ComponentValue, Frame, type InstanceValue, type RuntimeItem } from './frame.ts'
import {
  type CoreFunc,
  LiftedFunc,
  type LowerTarget,
  lowerFunc,
  lowerSuspendingFunc,
} from './func.ts'
import { REWRITER_NAMESPACE } from '../core/rewrite.ts'
import { createResource, dropHandle, newHandle, repOf, type RuntimeResource } from './handles.ts'
import type { Store } from './store.ts'
import { rewriterImports } from './interruption.ts'
import { suspendingImport } from './suspension.ts'

const NO_EXPORTS: WebAssembly.Exports = Object.freeze(Object.create(null))

/** Instantiates `plan` with `imports`; core modules are found in `modules` by their place in the file. */
export function instantiatePlan(
  store: Store,
  modules: readonly WebAssembly.Module[],
  plan: ComponentPlan,
  imports: InstanceValue,
  outer?: Frame,
): Frame {
  const frame = new Frame(store, outer, plan.slots)
  for (const step of plan.steps) run(frame, modules, step, imports)
  return frame
}
markEntries(instantiatePlan)

function run(
  frame: Frame,
  modules: readonly WebAssembly.Module[],
  step: Step,
  imports: InstanceValue,
): void {
  switch (step.kind) {
    case 'module':
      frame.coreModules.push(step.module)
      return
    case 'core-instantiate':
      return coreInstantiate(frame, modules, step)
    case 'core-exports':
      return coreExports(frame, step)
    case 'component':
      frame.components.push({ plan: step.plan, outer: frame })
      return
    case 'instantiate': {
      const { plan, outer } = frame.components[step.component] as ComponentValue
      const child = instantiatePlan(frame.store, modules, plan, collect(frame, step.args), outer)
      bind(frame, child.exports, step.bind)
      frame.instances.push(child.exports)
      return
    }
    case 'exports':
      frame.instances.push(collect(frame, step.exports))
      return
    case 'alias':
      return push(frame, itemOf(frame.instances[step.instance] as InstanceValue, step.name))
    case 'core-alias':
      return coreAlias(frame, step)
    case 'outer': {
      let from: Frame = frame
      for (let i = 0; i < step.count; i++) from = from.outer as Frame
      if (step.sort === 'core module')
        frame.coreModules.push(from.coreModules[step.index] as number)
      else frame.components.push(from.components[step.index] as ComponentValue)
      return
    }
    case 'lift': {
      const { options, type, adapter } = step
      const cx = context(frame, options)
      const post =
        options.postReturn === undefined ? undefined : frame.coreFuncs[options.postReturn]
      frame.funcs.push(
        new LiftedFunc(frame, type, frame.coreFuncs[step.func] as CoreFunc, post, cx, adapter),
      )
      return
    }
    case 'lower': {
      const func = frame.funcs[step.func] as (typeof frame.funcs)[number]
      const cx = context(frame, step.options)
      if (func.maySuspend()) {
        frame.maySuspend = true
        const gate = lowerSuspendingFunc(frame, func, cx, step.adapter)
        frame.coreFuncs.push(suspendingImport(step.signature, gate, frame.store.deathFlag))
      } else {
        frame.coreFuncs.push(lowerFunc(frame, { func, cx }, step.type, step.adapter))
      }
      return
    }
    case 'late-imports':
      return lateImports(frame, step)
    case 'core-gap':
      // Nothing asks for it; what comes after keeps its index.
      frame.coreFuncs.push(raiseTrap)
      return
    case 'connect':
      return connect(frame, step)
    case 'resource': {
      const destructor =
        step.destructor === undefined ? undefined : (frame.coreFuncs[step.destructor] as CoreFunc)
      frame.resources[step.slot] = createResource(
        frame,
        destructor && ((rep) => void destructor(rep)),
      )
      return
    }
    case 'resource.new':
      frame.coreFuncs.push(builtin(frame, (rep) => newHandle(frame, step.slot, rep)))
      return
    case 'resource.rep':
      frame.coreFuncs.push(builtin(frame, (index) => repOf(frame, step.slot, index >>> 0), false))
      return
    case 'resource.drop':
      frame.coreFuncs.push(builtin(frame, (index) => dropHandle(frame, step.slot, index >>> 0)))
      return
    case 'import':
      return runImport(frame, step, imports)
    case 'export': {
      const { item } = step
      if (item === undefined) return
      const value = take(frame, item)
      frame.exports.set(item.name, value)
      push(frame, value)
    }
  }
}

function lateImports(frame: Frame, { imports }: StepOf<'late-imports'>): void {
  const exports = Object.create(null) as Record<string, CoreFunc>
  for (const { name, target, type, adapter } of imports) {
    frame.lowerTargets[target] ??= { func: undefined, cx: undefined }
    exports[name] = lowerFunc(frame, frame.lowerTargets[target], type, adapter)
  }
  frame.coreInstances.push(exports)
}

function connect(frame: Frame, { targets, start }: StepOf<'connect'>): void {
  for (const { target, func, options } of targets) {
    const late = frame.lowerTargets[target] as LowerTarget
    late.func = frame.funcs[func]
    late.cx = context(frame, options)
  }
  if (start !== undefined) {
    const { [start.name]: run } = frame.coreInstances[start.instance] as WebAssembly.Exports
    ;(run as CoreFunc)()
  }
  frame.coreInstances.push(NO_EXPORTS)
}

function builtin(frame: Frame, act: (argument: number) => number | void, leaves = true): CoreFunc {
  const { store } = frame
  return (argument) => {
    try {
      store.checkAlive()
      if (leaves && !frame.mayLeave) throw abiTrap('cannot leave component instance')
      return act(argument as number) as number | undefined
    } catch (error) {
      store.failure ??= { error }
      return raiseTrap()
    }
  }
}

function context(frame: Frame, options: PlannedOptions): CallContext {
  const memory = options.memory === undefined ? undefined : frame.coreMemories[options.memory]
  const realloc = options.realloc === undefined ? undefined : frame.coreFuncs[options.realloc]
  return new CallContext(frame, memory, realloc as ((...args: number[]) => number) | undefined)
}

function coreInstantiate(
  frame: Frame,
  modules: readonly WebAssembly.Module[],
  step: StepOf<'core-instantiate'>,
): void {
  const imports = Object.create(null) as WebAssembly.Imports
  for (const { name, instance } of step.args)
    imports[name] = frame.coreInstances[instance] as WebAssembly.ModuleImports
  const index = frame.coreModules[step.module] as number
  const module = modules[index] as WebAssembly.Module
  const { stopper } = frame.store
  const added = stopper && rewriterImports(stopper, index)
  if (added !== undefined) imports[REWRITER_NAMESPACE] = added
  frame.coreInstances.push(new WebAssembly.Instance(module, imports).exports)
}

function coreExports(frame: Frame, step: StepOf<'core-exports'>): void {
  const exports = Object.create(null) as WebAssembly.Exports
  for (const { name, sort, index } of step.exports) {
    const value = coreSpace(frame, sort)[index]
    exports[name] = value as WebAssembly.ExportValue
  }
  frame.coreInstances.push(exports)
}

function coreAlias(frame: Frame, step: StepOf<'core-alias'>): void {
  const value = (frame.coreInstances[step.instance] as WebAssembly.Exports)[step.name]
  coreSpace(frame, step.sort).push(value)
}

function coreSpace(frame: Frame, sort: StepOf<'core-alias'>['sort']): unknown[] {
  switch (sort) {
    case 'func':
      return frame.coreFuncs
    case 'table':
      return frame.coreTables
    case 'memory':
      return frame.coreMemories
    case 'global':
      return frame.coreGlobals
    default:
      return frame.coreTags
  }
}

function take(frame: Frame, item: PlannedItem): RuntimeItem {
  switch (item.sort) {
    case 'resource':
      return { sort: 'resource', value: frame.resources[item.slot] as RuntimeResource }
    case 'func':
      return { sort: 'func', value: frame.funcs[item.index] as (typeof frame.funcs)[number] }
    case 'instance':
      return { sort: 'instance', value: frame.instances[item.index] as InstanceValue }
    case 'component':
      return { sort: 'component', value: frame.components[item.index] as ComponentValue }
    case 'core module':
      return { sort: 'core module', value: frame.coreModules[item.index] as number }
  }
}

function collect(frame: Frame, items: readonly PlannedItem[]): InstanceValue {
  const values = new Map<string, RuntimeItem>()
  for (const item of items) values.set(item.name, take(frame, item))
  return values
}

function push(frame: Frame, item: RuntimeItem): void {
  switch (item.sort) {
    case 'func':
      frame.funcs.push(item.value)
      return
    case 'instance':
      frame.instances.push(item.value)
      return
    case 'component':
      frame.components.push(item.value)
      return
    case 'core module':
      frame.coreModules.push(item.value)
      return
    case 'resource':
  }
}

function itemOf(instance: InstanceValue, name: string): RuntimeItem {
  const item = instance.get(name)
  // Validation has proved that it is there.
  if (item === undefined) throw new Error(`an instance lacks its export ${name}`)
  return item
}

function bind(frame: Frame, exports: InstanceValue, bindings: readonly ResourceBinding[]): void {
  for (const { slot, path } of bindings) {
    let at: InstanceValue = exports
    for (let i = 0; i < path.length; i++) {
      const item = itemOf(at, path[i] as string)
      if (item.sort === 'resource') frame.resources[slot] = item.value
      else if (item.sort === 'instance') at = item.value
    }
  }
}

function runImport(frame: Frame, step: StepOf<'import'>, imports: InstanceValue): void {
  const { extern } = step
  if (extern.sort === 'type' && extern.type.kind !== 'resource') return
  const item = itemOf(imports, step.name)
  if (item.sort === 'resource') {
    for (const { slot } of step.bind) frame.resources[slot] = item.value
    return
  }
  if (item.sort === 'instance') bind(frame, item.value, step.bind)
  push(frame, item)
}
