import { AdapterFactory } from '../abi/adapter.ts'
import type {
  AliasAst,
  CanonAst,
  ComponentAst,
  CoreSort,
  Definition,
  NamedItem,
} from '../binary/ast.ts'
import type { CoreExtern, CoreModuleInfo } from '../core/module-info.ts'
import { CoreReader } from '../core/core-reader.ts'
import { invalid, overLimit } from '../errors.ts'
import type { WorkBudget } from '../limits.ts'
import type { ComponentPlan, PlannedItem, ResourceBinding, Step } from '../plan/steps.ts'
import { countNodes, type ExternType, nodesOf } from '../types/extern-type.ts'
import { Substitution } from '../types/substitute.ts'
import { coreMismatch, matchImports, mismatch } from '../types/subtype.ts'
import type { ResourceId, ValType } from '../types/val-type.ts'
import { checkAnnotatedName } from './annotated-names.ts'
import { checkAttributes } from './attributes.ts'
import { checkBuiltin } from './builtins.ts'
import { checkLift, checkLower, loweredSignature, taskFeatureOf } from './canon.ts'
import { type CoreInstanceType, Scope } from './scope.ts'
import { bindResources, TypeValidator } from './types.ts'
import { uniquenessKey } from '../names/extern-name.ts'
import { checkVisible, markVisible } from './visibility.ts'

/** A validated component: how to instantiate it, and every core module in it, in the order of the file. */
export interface ValidatedComponent {
  readonly plan: ComponentPlan
  readonly modules: readonly CoreModuleInfo[]
  /** What it takes to run the plan that this engine does not have, in the order of the file. */
  readonly needs: readonly FeatureNeed[]
}

/** A feature that the definition at `offset` uses. */
export interface FeatureNeed {
  readonly feature: string
  readonly offset: number
}

/**
 * Validates decoded definitions and plans their instantiation.
 *
 * @throws {@link EngineError} `ERR_COMPONENT_INVALID`, `ERR_COMPONENT_UNSUPPORTED`, `ERR_COMPONENT_MALFORMED` in a core module, `ERR_COMPONENT_LIMIT`
 */
export function validateComponent(
  bytes: Uint8Array,
  ast: ComponentAst,
  budget: WorkBudget,
  reader: CoreReader = new CoreReader(bytes, budget),
): ValidatedComponent {
  const modules: CoreModuleInfo[] = []
  const needs: FeatureNeed[] = []
  const whole = { reader, budget, modules, needs, adapters: new AdapterFactory() }
  const plan = new ComponentValidator(whole, undefined).run(ast)
  return { plan, modules, needs }
}

/** Whether an import hands over code, which no host of this engine does. */
function bringsCode(extern: ExternType): boolean {
  if (extern.sort === 'instance') return [...extern.type.exports.values()].some(bringsCode)
  return extern.sort === 'core module' || extern.sort === 'component'
}

const NOTHING_NAMED: ReadonlyMap<string, ExternType> = new Map()

/** What the components inside each other share while they are validated. */
interface Whole {
  readonly reader: CoreReader
  readonly budget: WorkBudget
  readonly modules: CoreModuleInfo[]
  readonly needs: FeatureNeed[]
  readonly adapters: AdapterFactory
}

class ComponentValidator {
  readonly #whole: Whole
  readonly #needs: FeatureNeed[]
  readonly #budget: WorkBudget
  readonly #modules: CoreModuleInfo[]
  readonly #types: TypeValidator
  readonly #scope: Scope
  readonly #steps: Step[] = []
  readonly #adapters: AdapterFactory

  constructor(whole: Whole, parent: Scope | undefined) {
    this.#whole = whole
    this.#adapters = whole.adapters
    this.#budget = whole.budget
    this.#modules = whole.modules
    this.#needs = whole.needs
    this.#types = new TypeValidator(whole.budget)
    this.#scope = new Scope('component', parent)
  }

  run(ast: ComponentAst): ComponentPlan {
    const scope = this.#scope
    for (const definition of ast.definitions) this.#define(definition)
    const nodes = this.#budget.walk(
      countNodes(scope.imports.values()) + countNodes(scope.exports.values()),
    )
    const reachable = new Set(scope.defined)
    const found: ResourceBinding[] = []
    bindResources(scope.exports, reachable, [], found)
    return {
      type: {
        imports: scope.imports,
        exports: scope.exports,
        imported: scope.imported,
        defined: scope.defined.filter((id) => !reachable.has(id)),
        nodes,
      },
      steps: this.#steps,
      slots: scope.slots,
    }
  }

  #define(definition: Definition): void {
    const scope = this.#scope
    const { offset } = definition
    switch (definition.kind) {
      case 'core-module': {
        const maximum = this.#budget.limits.maxModules
        if (this.#modules.length >= maximum) throw overLimit('maxModules', maximum)
        const info = this.#whole.reader.at(definition)
        this.#budget.spend(info.imports.length + info.exports.size)
        const names = new Set(
          info.imports.map(({ module, name }) => JSON.stringify([module, name])),
        )
        if (names.size < info.imports.length)
          throw invalid(offset, 'a core module imports a name twice')
        if (info.sharedAt !== undefined)
          this.#needs.push({ feature: 'threads', offset: info.sharedAt })
        this.#steps.push({ kind: 'module', module: this.#modules.length })
        this.#modules.push(info)
        scope.coreModules.push(info)
        return
      }
      case 'core-instantiate':
        return this.#coreInstantiate(definition.module, definition.args, offset)
      case 'core-exports': {
        const exports = new Map<string, CoreExtern>()
        for (const { name, sort, index } of definition.exports) {
          if (exports.has(name))
            throw invalid(offset, `export name ${JSON.stringify(name)} already defined`)
          exports.set(name, this.#coreItem(sort, index, offset))
        }
        scope.coreInstances.push(exports)
        this.#steps.push({ kind: 'core-exports', exports: definition.exports })
        return
      }
      case 'core-type':
        scope.coreTypes.push(this.#types.coreType(scope, definition.type))
        return
      case 'component': {
        const plan = new ComponentValidator(this.#whole, scope).run(definition.component)
        scope.components.push(plan.type)
        this.#steps.push({ kind: 'component', plan })
        return
      }
      case 'instantiate':
        return this.#instantiate(definition.component, definition.args, offset)
      case 'exports':
        return this.#inlineExports(definition.exports, offset)
      case 'alias':
        return this.#alias(definition.alias, offset)
      case 'type': {
        if (definition.type.kind === 'resource') {
          const id = scope.newResource('resource', true)
          const { destructor } = definition.type
          if (destructor !== undefined) {
            const type = scope.at(scope.coreFuncs, destructor, 'core function', offset)
            if (type.params.join() !== 'i32' || type.results.length > 0)
              throw invalid(offset, 'wrong signature for a destructor')
          }
          scope.defined.push(id)
          scope.types.push({ kind: 'resource', type: id })
          this.#steps.push({ kind: 'resource', slot: id.slot, destructor, name: 'resource' })
          return
        }
        scope.types.push(this.#types.define(scope, definition.type, offset))
        return
      }
      case 'canon':
        return this.#canon(definition.canon, offset)
      case 'import': {
        const { name } = definition.name
        checkAttributes(definition.name, definition.type.sort, offset)
        const { extern, bind } = this.#types.introduce(
          scope,
          definition.type,
          'import',
          name,
          offset,
        )
        scope.claimName('import', name, offset)
        if (scope.parent === undefined && bringsCode(extern))
          this.#needs.push({ feature: 'imported modules and components', offset })
        checkAnnotatedName(scope.imports, name, extern, offset)
        checkVisible(scope, 'import', extern, this.#budget, offset)
        const seen = markVisible(scope, 'import', extern)
        scope.imports.set(name, seen)
        scope.push(seen)
        this.#steps.push({ kind: 'import', name, extern: seen, bind })
        return
      }
      case 'export':
        return this.#export(definition, offset)
    }
  }

  #coreItem(sort: CoreSort, index: number, offset: number): CoreExtern {
    const scope = this.#scope
    switch (sort) {
      case 'func':
        return { kind: 'func', type: scope.at(scope.coreFuncs, index, 'core function', offset) }
      case 'table':
        return scope.at(scope.coreTables, index, 'core table', offset)
      case 'memory':
        return scope.at(scope.coreMemories, index, 'core memory', offset)
      case 'global':
        return scope.at(scope.coreGlobals, index, 'core global', offset)
      case 'tag':
        return { kind: 'tag', type: scope.at(scope.coreTags, index, 'core tag', offset) }
      default:
        throw invalid(offset, `a core instance cannot export a ${sort}`)
    }
  }

  #coreInstantiate(
    module: number,
    args: readonly { readonly name: string; readonly instance: number }[],
    offset: number,
  ): void {
    const scope = this.#scope
    const type = scope.at(scope.coreModules, module, 'core module', offset)
    const given = new Map<string, CoreInstanceType>()
    for (const { name, instance } of args) {
      if (given.has(name))
        throw invalid(
          offset,
          `duplicate module instantiation argument named ${JSON.stringify(name)}`,
        )
      given.set(name, scope.at(scope.coreInstances, instance, 'core instance', offset))
    }
    const seen = new Map<string, CoreExtern>()
    for (const wanted of type.imports) {
      // A long name written once can be looked up many times.
      this.#budget.spend(1 + wanted.module.length + wanted.name.length)
      const from = given.get(wanted.module)
      if (from === undefined)
        throw invalid(
          offset,
          `missing module instantiation argument named ${JSON.stringify(wanted.module)}`,
        )
      const item = from.get(wanted.name)
      if (item === undefined) {
        throw invalid(
          offset,
          `instantiation argument ${JSON.stringify(wanted.module)} does not export an item named ${JSON.stringify(wanted.name)}`,
        )
      }
      const key = JSON.stringify([wanted.module, wanted.name])
      if (seen.has(key)) throw invalid(offset, `duplicate import name ${key}`)
      seen.set(key, item)
      const why = coreMismatch(item, wanted.type)
      if (why !== undefined) throw invalid(offset, `type mismatch for import ${key}: ${why}`)
    }
    scope.coreInstances.push(type.exports)
    this.#steps.push({ kind: 'core-instantiate', module, args })
  }

  /** The type of an item and, where it exists at run time, how to reach it. */
  #item(
    sort: NamedItem['sort'],
    index: number,
    offset: number,
  ): { extern: ExternType; planned: ((name: string) => PlannedItem) | undefined } {
    const scope = this.#scope
    switch (sort) {
      case 'core module':
        return {
          extern: { sort, type: scope.at(scope.coreModules, index, 'core module', offset) },
          planned: (name) => ({ name, sort, index }),
        }
      case 'func':
        return {
          extern: { sort, type: scope.at(scope.funcs, index, 'function', offset) },
          planned: (name) => ({ name, sort, index }),
        }
      case 'component':
        return {
          extern: { sort, type: scope.at(scope.components, index, 'component', offset) },
          planned: (name) => ({ name, sort, index }),
        }
      case 'instance':
        return {
          extern: { sort, type: scope.at(scope.instances, index, 'instance', offset) },
          planned: (name) => ({ name, sort, index }),
        }
      case 'type': {
        const type = scope.at(scope.types, index, 'type', offset)
        const slot = type.kind === 'resource' ? type.type.slot : undefined
        return {
          extern: { sort, type },
          planned: slot === undefined ? undefined : (name) => ({ name, sort: 'resource', slot }),
        }
      }
      case 'value':
        throw invalid(offset, 'value index out of bounds')
      default:
        throw invalid(offset, `a ${sort} cannot be passed between components`)
    }
  }

  #instantiate(component: number, args: readonly NamedItem[], offset: number): void {
    const scope = this.#scope
    const type = scope.at(scope.components, component, 'component', offset)
    const given = new Map<string, ExternType>()
    const planned: PlannedItem[] = []
    for (const { name, sort, index } of args) {
      if (given.has(name)) {
        throw invalid(
          offset,
          `instantiation argument ${JSON.stringify(name)} conflicts with previous argument ${JSON.stringify(name)}`,
        )
      }
      const item = this.#item(sort, index, offset)
      given.set(name, item.extern)
      if (item.planned !== undefined) planned.push(item.planned(name))
    }
    this.#budget.walk(type.nodes)
    const values = new Map<ValType, ValType>()
    const map = matchImports(type, given, this.#budget, values)
    if (typeof map === 'string') throw invalid(offset, map)
    const fresh = new Set<ResourceId>()
    this.#budget.spend(type.defined.length)
    for (const id of type.defined) {
      const own = scope.newResource(id.name)
      map.set(id, own)
      fresh.add(own)
      scope.defined.push(own)
    }
    const exports = new Substitution(map, this.#budget, values).externs(type.exports)
    const bind: ResourceBinding[] = []
    bindResources(exports, fresh, [], bind)
    scope.instances.push({ exports, bound: [], nodes: type.nodes })
    this.#steps.push({ kind: 'instantiate', component, args: planned, bind })
  }

  #inlineExports(items: readonly NamedItem[], offset: number): void {
    const scope = this.#scope
    const exports = new Map<string, ExternType>()
    const keys = new Set<string>()
    const planned: PlannedItem[] = []
    const inner = new Scope('instance type', undefined)
    for (const named of items) {
      const { name, sort, index } = named
      const item = this.#item(sort, index, offset)
      checkAttributes(named, sort, offset)
      inner.claimName('export', name, offset)
      const key = uniquenessKey(name)
      if (keys.has(key))
        throw invalid(offset, `export name ${JSON.stringify(name)} conflicts with a previous name`)
      keys.add(key)
      // Nothing here makes a type index, so no resource has a name that a method could belong to.
      checkAnnotatedName(NOTHING_NAMED, name, item.extern, offset)
      exports.set(name, item.extern)
      if (item.planned !== undefined) planned.push(item.planned(name))
    }
    const nodes = this.#budget.walk(countNodes(exports.values()))
    scope.instances.push({ exports, bound: [], nodes })
    this.#steps.push({ kind: 'exports', exports: planned })
  }

  #alias(alias: AliasAst, offset: number): void {
    const scope = this.#scope
    switch (alias.kind) {
      case 'outer':
        this.#types.outerAlias(scope, alias.sort, alias.count, alias.index, offset)
        if (alias.sort === 'core module' || alias.sort === 'component') {
          this.#steps.push({
            kind: 'outer',
            sort: alias.sort,
            count: alias.count,
            index: alias.index,
          })
        }
        return
      case 'core-export': {
        const item = scope
          .at(scope.coreInstances, alias.instance, 'core instance', offset)
          .get(alias.name)
        if (item === undefined)
          throw invalid(
            offset,
            `core instance ${alias.instance} has no export named ${JSON.stringify(alias.name)}`,
          )
        if (item.kind !== alias.sort)
          throw invalid(
            offset,
            `export ${JSON.stringify(alias.name)} for core instance ${alias.instance} is not a ${alias.sort}`,
          )
        this.#pushCore(item)
        this.#steps.push({
          kind: 'core-alias',
          sort: alias.sort,
          instance: alias.instance,
          name: alias.name,
        })
        return
      }
      case 'export': {
        if (alias.sort === 'value') throw invalid(offset, 'instances export no values')
        const extern = this.#types.exportOf(scope, alias.instance, alias.name, alias.sort, offset)
        scope.push(extern)
        if (alias.sort !== 'type')
          this.#steps.push({
            kind: 'alias',
            sort: alias.sort,
            instance: alias.instance,
            name: alias.name,
          })
      }
    }
  }

  #pushCore(item: CoreExtern): void {
    const scope = this.#scope
    switch (item.kind) {
      case 'func':
        scope.coreFuncs.push(item.type)
        break
      case 'tag':
        scope.coreTags.push(item.type)
        break
      case 'table':
        scope.coreTables.push(item)
        break
      case 'memory':
        scope.coreMemories.push(item)
        break
      case 'global':
        scope.coreGlobals.push(item)
        break
    }
  }

  #canon(canon: CanonAst, offset: number): void {
    const scope = this.#scope
    switch (canon.kind) {
      case 'lift': {
        const { func, options } = canon
        const type = this.#types.func(scope, canon.type, offset)
        const core = scope.at(scope.coreFuncs, func, 'core function', offset)
        this.#budget.spend(4 * type.params.length + core.params.length + 1)
        checkLift(scope, core, type, options, offset)
        scope.funcs.push(type)
        const feature = taskFeatureOf(type, options)
        if (feature !== undefined) {
          this.#needs.push({ feature, offset })
          this.#steps.push({ kind: 'task-lift', func, options, type })
          return
        }
        const adapter = this.#adapters.of(type, options.encoding)
        this.#steps.push({ kind: 'lift', func, options, type, adapter })
        return
      }
      case 'lower': {
        const { func, options } = canon
        const type = scope.at(scope.funcs, func, 'function', offset)
        this.#budget.spend(4 * type.params.length + 1)
        checkLower(scope, type, options, offset)
        const signature = loweredSignature(type, options)
        scope.coreFuncs.push(signature)
        // A caller that must not block has to be told apart from one that may, which is its task's to know.
        const feature = taskFeatureOf(type, options) ?? (type.isAsync ? 'async' : undefined)
        if (feature !== undefined) {
          this.#needs.push({ feature, offset })
          this.#steps.push({ kind: 'task-lower', func, options, type, signature })
          return
        }
        const adapter = this.#adapters.of(type, options.encoding)
        this.#steps.push({ kind: 'lower', func, options, type, adapter, signature })
        return
      }
      case 'builtin': {
        const valid = checkBuiltin(scope, this.#types, canon.builtin, offset)
        const { planned: builtin, signature, feature } = valid
        scope.coreFuncs.push(signature)
        this.#needs.push({ feature, offset })
        this.#steps.push({ kind: 'builtin', builtin, signature })
        return
      }
      default: {
        const id = this.#types.resource(scope, canon.resource, offset)
        if (canon.kind !== 'resource.drop' && !id.isLocal)
          throw invalid(offset, `type index ${canon.resource} is not a local resource`)
        scope.coreFuncs.push(
          canon.kind === 'resource.drop'
            ? { params: ['i32'], results: [] }
            : { params: ['i32'], results: ['i32'] },
        )
        this.#steps.push({ kind: canon.kind, slot: id.slot })
      }
    }
  }

  #export(definition: Extract<Definition, { kind: 'export' }>, offset: number): void {
    const scope = this.#scope
    const { name } = definition.name
    checkAttributes(definition.name, definition.sort, offset)
    const item = this.#item(definition.sort, definition.index, offset)
    let extern = item.extern
    this.#budget.walk(nodesOf(extern))
    if (definition.type !== undefined) {
      const ascribed = this.#types.introduce(scope, definition.type, 'export', name, offset).extern
      const why = mismatch(extern, ascribed, this.#budget)
      if (why !== undefined)
        throw invalid(offset, `ascribed type of export is not compatible: ${why}`)
      extern = ascribed
    }
    scope.claimName('export', name, offset)
    checkAnnotatedName(scope.exports, name, extern, offset)
    checkVisible(scope, 'export', extern, this.#budget, offset)
    const seen = markVisible(scope, 'export', extern)
    scope.exports.set(name, seen)
    scope.push(seen)
    this.#steps.push({ kind: 'export', item: item.planned?.(name) })
  }
}
