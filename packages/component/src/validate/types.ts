import type {
  AliasAst,
  CoreExternAst,
  CoreModuleDecl,
  CoreTypeAst,
  Declaration,
  ExternTypeAst,
  LabelledRef,
  TypeAst,
  ValTypeRef,
} from '../binary/ast.ts'
import type { CoreExtern, CoreImport } from '../core/module-info.ts'
import { invalid } from '../errors.ts'
import type { WorkBudget } from '../limits.ts'
import { isLabel, uniquenessKey } from '../names/extern-name.ts'
import {
  type AnyType,
  type ComponentType,
  countNodes,
  type ExternType,
  type FuncType,
  type InstanceType,
  makeFuncType,
  nodesOf,
} from '../types/extern-type.ts'
import { Substitution } from '../types/substitute.ts'
import {
  makeValType,
  type ResourceId,
  type ResourceName,
  type ValShape,
  type ValType,
} from '../types/val-type.ts'
import type { ResourceBinding } from '../plan/steps.ts'
import { refersToResource } from './free-resources.ts'
import { checkAnnotatedName } from './annotated-names.ts'
import { checkAttributes } from './attributes.ts'
import { type CoreType, Scope } from './scope.ts'
import { checkVisible, markVisible } from './visibility.ts'

/** Resolves and checks the types of one component tree. */
export class TypeValidator {
  readonly #budget: WorkBudget
  constructor(budget: WorkBudget) {
    this.#budget = budget
  }

  /** The value type that `ref` names in `scope`. */
  value(scope: Scope, ref: ValTypeRef, offset: number): ValType {
    if (typeof ref === 'string') return makeValType({ kind: ref } as ValShape, this.#budget, offset)
    const type = scope.at(scope.types, ref, 'type', offset)
    if (type.kind !== 'value') throw invalid(offset, `type index ${ref} is not a defined type`)
    return type.type
  }

  resource(scope: Scope, index: number, offset: number): ResourceId {
    return this.#resourceName(scope, index, offset).type
  }

  #resourceName(scope: Scope, index: number, offset: number): ResourceName {
    const type = scope.at(scope.types, index, 'type', offset)
    if (type.kind !== 'resource')
      throw invalid(offset, `type index ${index} is not a resource type`)
    return type
  }

  func(scope: Scope, index: number, offset: number): FuncType {
    const type = scope.at(scope.types, index, 'type', offset)
    if (type.kind !== 'func') throw invalid(offset, `type index ${index} is not a function type`)
    return type.type
  }

  /** Checks labels: each well-formed, all distinct. */
  #labels(names: readonly string[], what: string, offset: number): void {
    const seen = new Set<string>()
    for (const name of names) {
      if (!isLabel(name))
        throw invalid(offset, `${what} name ${JSON.stringify(name)} is not in kebab case`)
      const key = uniquenessKey(name)
      if (seen.has(key))
        throw invalid(offset, `${what} name ${JSON.stringify(name)} conflicts with a previous name`)
      seen.add(key)
    }
  }

  #labelled(
    scope: Scope,
    refs: readonly LabelledRef[],
    what: string,
    offset: number,
  ): { name: string; type: ValType }[] {
    this.#labels(
      refs.map((ref) => ref.name),
      what,
      offset,
    )
    return refs.map(({ name, type }) => ({ name, type: this.value(scope, type, offset) }))
  }

  #optional(scope: Scope, ref: ValTypeRef | undefined, offset: number): ValType | undefined {
    return ref === undefined ? undefined : this.value(scope, ref, offset)
  }

  #some(count: number, what: string, offset: number): void {
    if (count === 0) throw invalid(offset, `${what} must have at least one part`)
  }

  #shape(scope: Scope, ast: TypeAst, offset: number): ValShape | undefined {
    switch (ast.kind) {
      case 'primitive':
        return { kind: ast.name } as ValShape
      case 'record':
        this.#some(ast.fields.length, 'record type', offset)
        return { kind: 'record', fields: this.#labelled(scope, ast.fields, 'record field', offset) }
      case 'variant':
        this.#some(ast.cases.length, 'variant type', offset)
        this.#labels(
          ast.cases.map((one) => one.name),
          'variant case',
          offset,
        )
        return {
          kind: 'variant',
          cases: ast.cases.map(({ name, type }) => ({
            name,
            type: this.#optional(scope, type, offset),
          })),
        }
      case 'list':
        if (ast.length === 0)
          throw invalid(offset, 'a list of fixed length must have at least one element')
        return { kind: 'list', element: this.value(scope, ast.element, offset), length: ast.length }
      case 'tuple':
        this.#some(ast.types.length, 'tuple type', offset)
        return { kind: 'tuple', types: ast.types.map((type) => this.value(scope, type, offset)) }
      case 'flags':
        this.#some(ast.names.length, 'flags type', offset)
        if (ast.names.length > 32)
          throw invalid(offset, 'flags type cannot have more than 32 flags')
        this.#labels(ast.names, 'flag', offset)
        return { kind: 'flags', names: ast.names }
      case 'enum':
        this.#some(ast.names.length, 'enum type', offset)
        this.#labels(ast.names, 'enum case', offset)
        return { kind: 'enum', names: ast.names }
      case 'option':
        return { kind: 'option', type: this.value(scope, ast.type, offset) }
      case 'result':
        return {
          kind: 'result',
          ok: this.#optional(scope, ast.ok, offset),
          error: this.#optional(scope, ast.error, offset),
        }
      case 'own':
      case 'borrow': {
        const named = this.#resourceName(scope, ast.resource, offset)
        return { kind: ast.kind, resource: named.type, named }
      }
      case 'stream':
      case 'future': {
        const element = this.#optional(scope, ast.element, offset)
        if (element?.layout.hasBorrow === true)
          throw invalid(offset, `a ${ast.kind} cannot contain a borrow type`)
        if (ast.kind === 'stream' && element?.kind === 'char')
          throw invalid(offset, 'a stream of char is not valid at this time')
        return { kind: ast.kind, element }
      }
      case 'map': {
        const key = this.value(scope, ast.key, offset)
        if (!MAP_KEYS.has(key.kind))
          throw invalid(offset, `a map cannot have keys of type ${key.kind}`)
        return { kind: 'map', key, value: this.value(scope, ast.value, offset) }
      }
      default:
        return undefined
    }
  }

  /** A type definition. Resources are the caller's: only a component can define them. */
  define(scope: Scope, ast: Exclude<TypeAst, { kind: 'resource' }>, offset: number): AnyType {
    switch (ast.kind) {
      case 'func': {
        const params = this.#labelled(scope, ast.params, 'function parameter', offset)
        const result = this.#optional(scope, ast.result, offset)
        if (result?.layout.hasBorrow === true)
          throw invalid(offset, 'a function result cannot contain a borrow type')
        return { kind: 'func', type: makeFuncType(params, result, ast.isAsync) }
      }
      case 'component':
        return {
          kind: 'component',
          type: this.#declarations('component type', scope, ast.declarations),
        }
      case 'instance': {
        const { exports, defined, nodes } = this.#declarations(
          'instance type',
          scope,
          ast.declarations,
        )
        return { kind: 'instance', type: { exports, bound: defined, nodes } }
      }
      default: {
        const shape = this.#shape(scope, ast, offset)
        if (shape === undefined)
          throw invalid(offset, 'resources can only be defined within a concrete component')
        return { kind: 'value', type: makeValType(shape, this.#budget, offset) }
      }
    }
  }

  #declarations(
    kind: 'component type' | 'instance type',
    parent: Scope,
    declarations: readonly Declaration[],
  ): ComponentType {
    const scope = new Scope(kind, parent)
    for (const declaration of declarations) {
      const { offset } = declaration
      switch (declaration.kind) {
        case 'core-type':
          scope.coreTypes.push(this.coreType(scope, declaration.type))
          break
        case 'type':
          if (declaration.type.kind === 'resource')
            throw invalid(offset, 'resources can only be defined within a concrete component')
          scope.types.push(this.define(scope, declaration.type, offset))
          break
        case 'alias':
          this.#declaredAlias(scope, declaration.alias, offset)
          break
        case 'import':
        case 'export': {
          const name = declaration.name.name
          const side = declaration.kind
          const items = side === 'import' ? scope.imports : scope.exports
          checkAttributes(declaration.name, declaration.type.sort, offset)
          const { extern } = this.introduce(scope, declaration.type, side, name, offset)
          scope.claimName(side, name, offset)
          checkAnnotatedName(items, name, extern, offset)
          checkVisible(scope, side, extern, this.#budget, offset)
          const seen = markVisible(scope, side, extern)
          items.set(name, seen)
          scope.push(seen)
          break
        }
      }
    }
    return {
      imports: scope.imports,
      exports: scope.exports,
      imported: scope.imported,
      defined: scope.defined,
      nodes: this.#budget.walk(
        countNodes(scope.imports.values()) + countNodes(scope.exports.values()),
      ),
    }
  }

  #declaredAlias(scope: Scope, alias: AliasAst, offset: number): void {
    if (alias.kind === 'outer') {
      if (alias.sort !== 'type' && alias.sort !== 'core type')
        throw invalid(offset, 'an alias in a type may only refer to types or instances')
      this.outerAlias(scope, alias.sort, alias.count, alias.index, offset)
    } else if (alias.kind === 'export' && (alias.sort === 'type' || alias.sort === 'instance')) {
      scope.push(this.exportOf(scope, alias.instance, alias.name, alias.sort, offset))
    } else {
      throw invalid(offset, 'an alias in a type may only refer to types or instances')
    }
  }

  /** The export `name` of an instance, of the sort that the alias says. */
  exportOf(scope: Scope, instance: number, name: string, sort: string, offset: number): ExternType {
    const extern = scope.at(scope.instances, instance, 'instance', offset).exports.get(name)
    if (extern === undefined)
      throw invalid(offset, `instance ${instance} has no export named ${JSON.stringify(name)}`)
    if (extern.sort !== sort)
      throw invalid(offset, `export ${JSON.stringify(name)} is not a ${sort}`)
    return extern
  }

  /** Appends an outer type or module to `scope`. */
  outerAlias(scope: Scope, sort: string, count: number, index: number, offset: number): void {
    const outer = scope.outer(count, offset)
    switch (sort) {
      case 'core type':
        scope.coreTypes.push(scope.at(outer.coreTypes, index, 'core type', offset))
        return
      case 'core module':
        scope.coreModules.push(scope.at(outer.coreModules, index, 'core module', offset))
        return
      case 'component':
        scope.components.push(scope.at(outer.components, index, 'component', offset))
        return
      default: {
        const type = scope.at(outer.types, index, 'type', offset)
        this.#budget.walk(nodesOf({ sort: 'type', type }))
        if (crossesComponent(scope, count) && refersToResource(type, () => true, this.#budget)) {
          throw invalid(
            offset,
            'an outer alias cannot refer to a type that transitively refers to resources of another component',
          )
        }
        scope.types.push(type)
      }
    }
  }

  /**
   * The type of a new import or export. Resources that come with it are made afresh and belong to `scope`; where they are found in
   * it is in `bind`.
   */
  introduce(
    scope: Scope,
    ast: ExternTypeAst,
    side: 'import' | 'export',
    name: string,
    offset: number,
  ): { extern: ExternType; bind: ResourceBinding[] } {
    const bind: ResourceBinding[] = []
    const belongs = side === 'import' ? scope.imported : scope.defined
    switch (ast.sort) {
      case 'core module': {
        const type = scope.at(scope.coreTypes, ast.index, 'core type', offset)
        if (type.kind !== 'module')
          throw invalid(offset, `core type index ${ast.index} is not a module type`)
        return { extern: { sort: 'core module', type: type.type }, bind }
      }
      case 'func':
        return { extern: { sort: 'func', type: this.func(scope, ast.index, offset) }, bind }
      case 'component': {
        const type = scope.at(scope.types, ast.index, 'type', offset)
        if (type.kind !== 'component')
          throw invalid(offset, `type index ${ast.index} is not a component type`)
        this.#budget.walk(type.type.nodes)
        return { extern: { sort: 'component', type: type.type }, bind }
      }
      case 'instance': {
        const type = scope.at(scope.types, ast.index, 'type', offset)
        if (type.kind !== 'instance')
          throw invalid(offset, `type index ${ast.index} is not an instance type`)
        const instance = this.freshen(scope, type.type, belongs, bind)
        return { extern: { sort: 'instance', type: instance }, bind }
      }
      case 'type': {
        if (ast.bound === 'resource') {
          const id = scope.newResource(name)
          belongs.push(id)
          bind.push({ slot: id.slot, path: [] })
          return { extern: { sort: 'type', type: { kind: 'resource', type: id } }, bind }
        }
        const extern: ExternType = {
          sort: 'type',
          type: scope.at(scope.types, ast.bound.eq, 'type', offset),
        }
        this.#budget.walk(nodesOf(extern))
        return { extern, bind }
      }
    }
  }

  /** An instance type with its own resources replaced by new ones of `scope`. */
  freshen(
    scope: Scope,
    type: InstanceType,
    belongs: ResourceId[],
    bind: ResourceBinding[],
  ): InstanceType {
    this.#budget.walk(type.nodes)
    if (type.bound.length === 0) return type
    // Each is made anew in several places, and stays.
    this.#budget.spend(type.bound.length * RESOURCE_STEPS)
    const map = new Map<ResourceId, ResourceId>()
    for (const id of type.bound) {
      const fresh = scope.newResource(id.name)
      map.set(id, fresh)
      belongs.push(fresh)
    }
    const exports = new Substitution(map, this.#budget).externs(type.exports)
    bindResources(exports, new Set(map.values()), [], bind)
    return { exports, bound: [], nodes: type.nodes }
  }

  coreType(scope: Scope, ast: CoreTypeAst): CoreType {
    if (ast.kind === 'func') return ast
    return { kind: 'module', type: this.#moduleType(scope, ast.declarations) }
  }

  #moduleType(
    outer: Scope,
    declarations: readonly CoreModuleDecl[],
  ): { imports: CoreImport[]; exports: Map<string, CoreExtern> } {
    const types: CoreType[] = []
    const imports: CoreImport[] = []
    const exports = new Map<string, CoreExtern>()
    const names = new Set<string>()
    const resolve = (raw: CoreExternAst, offset: number): CoreExtern => {
      if (raw.kind === 'memory' && (raw.min > 65536 || (raw.max ?? 0) > 65536))
        throw invalid(offset, 'memory size must be at most 65536 pages')
      if (raw.kind !== 'func' && raw.kind !== 'tag') return raw
      const type = types[raw.type]
      if (type === undefined || type.kind !== 'func')
        throw invalid(offset, `type index ${raw.type} is out of bounds`)
      if (raw.kind === 'tag' && type.type.results.length > 0)
        throw invalid(offset, 'a tag has no results')
      return { kind: raw.kind, type: type.type }
    }
    for (const declaration of declarations) {
      const { offset } = declaration
      switch (declaration.kind) {
        case 'type':
          for (const type of declaration.types) types.push({ kind: 'func', type })
          break
        case 'alias': {
          if (declaration.count === 0) {
            const type = types[declaration.index]
            if (type === undefined) throw invalid(offset, 'core type index out of bounds')
            types.push(type)
            break
          }
          const type = outer.at(
            outer.outer(declaration.count - 1, offset).coreTypes,
            declaration.index,
            'core type',
            offset,
          )
          if (type.kind === 'module')
            throw invalid(offset, 'a module type cannot be aliased inside a module type')
          types.push(type)
          break
        }
        case 'import': {
          const key = JSON.stringify([declaration.module, declaration.name])
          if (names.has(key)) throw invalid(offset, `duplicate import name ${key}`)
          names.add(key)
          imports.push({
            module: declaration.module,
            name: declaration.name,
            type: resolve(declaration.type, offset),
          })
          break
        }
        case 'export':
          if (exports.has(declaration.name))
            throw invalid(offset, `export name ${JSON.stringify(declaration.name)} already defined`)
          exports.set(declaration.name, resolve(declaration.type, offset))
          break
      }
    }
    return { imports, exports }
  }
}

/** What a new resource costs, in steps of {@link WorkBudget}. */
const RESOURCE_STEPS = 25

const MAP_KEYS: ReadonlySet<string> = new Set([
  'bool',
  's8',
  'u8',
  's16',
  'u16',
  's32',
  'u32',
  's64',
  'u64',
  'char',
  'string',
])

/** Finds where in `exports` each of `ids` is reached, first way first. */
export function bindResources(
  exports: ReadonlyMap<string, ExternType>,
  ids: Set<ResourceId>,
  path: readonly string[],
  into: ResourceBinding[],
): void {
  for (const [name, extern] of exports) {
    if (extern.sort === 'type' && extern.type.kind === 'resource' && ids.delete(extern.type.type)) {
      into.push({ slot: extern.type.type.slot, path: [...path, name] })
    } else if (extern.sort === 'instance') {
      bindResources(extern.type.exports, ids, [...path, name], into)
    }
  }
}

function crossesComponent(scope: Scope, count: number): boolean {
  let from: Scope | undefined = scope
  for (let i = 0; i < count; i++) {
    if (from?.kind === 'component') return true
    from = from?.parent
  }
  return false
}
