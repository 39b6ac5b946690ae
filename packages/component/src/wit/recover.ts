import { tryParseExternName } from '../names/extern-name.ts'
import type { ComponentType, ExternType, FuncType } from '../types/extern-type.ts'
import type { Field, ResourceId, ResourceName, ValType } from '../types/val-type.ts'
import {
  isPublic,
  type WitDefinition,
  type WitField,
  type WitFunc,
  type WitInterface,
  type WitScope,
  type WitType,
  type WitWorld,
} from './document.ts'

/** A type as the validator knows it: value types by their node, resources by the index they are meant by, and by what they are. */
type Identity = ValType | ResourceName | ResourceId

/** An interface or the world while it is recovered. */
class ScopeBuilder implements WitScope {
  readonly types: Map<string, WitDefinition> = new Map()
  readonly funcs: WitFunc[] = []
  readonly unspeakable: string[] = []
  /** By what name this scope knows a type. */
  readonly names: Map<Identity, string> = new Map()
  /** As `names`, for the types that were renamed to those: a record can mean one although the scope names only its copy. */
  readonly originals: Map<ValType, string> = new Map()
  readonly written: Map<ValType, WitType> = new Map()
  readonly members: Map<string, WitFunc[]> = new Map()
}

class InterfaceBuilder extends ScopeBuilder implements WitInterface {
  readonly name: string
  readonly side: 'import' | 'export'
  constructor(name: string, side: 'import' | 'export') {
    super()
    this.name = name
    this.side = side
  }
}

/** Where a type was named first, in an interface that others can `use`. */
interface Origin {
  readonly from: InterfaceBuilder
  readonly name: string
}

/**
 * Recovers names from a component's type.
 *
 * The binary says which type was given a further name, and never where a name came from. A type that was named in an interface
 * before is a `use` of it; one that this scope named before is an alias; any other is defined here.
 */
export function recoverWorld(type: ComponentType): WitWorld {
  return new Recovery().world(type)
}

class Recovery {
  readonly #values = new Map<ValType, Origin>()
  readonly #introductions = new Map<ResourceName, Origin>()
  readonly #resources = new Map<ResourceId, Origin>()
  readonly #world = new ScopeBuilder()

  world({ imports, exports }: ComponentType): WitWorld {
    const sides = {
      imports: this.#side(imports, 'import'),
      exports: this.#side(exports, 'export'),
    }
    return { types: this.#world.types, ...sides }
  }

  #side(externs: ReadonlyMap<string, ExternType>, side: 'import' | 'export'): WitWorld['imports'] {
    const items: (WitFunc | WitInterface)[] = []
    const before = { types: this.#world.types.size, unspeakable: this.#world.unspeakable.length }
    for (const [name, extern] of externs) {
      if (extern.sort === 'instance') {
        const built = new InterfaceBuilder(name, side)
        for (const [inner, item] of extern.type.exports) {
          const func = this.#item(built, inner, item)
          if (func !== undefined) built.funcs.push(func)
        }
        items.push(built)
      } else {
        const func = this.#item(this.#world, name, extern)
        if (func !== undefined) items.push(func)
      }
    }
    const types = [...this.#world.types.keys()].slice(before.types)
    return { items, types, unspeakable: this.#world.unspeakable.slice(before.unspeakable) }
  }

  /** Adds an item to `scope`; a function that belongs to no resource is given back. */
  #item(scope: ScopeBuilder, name: string, extern: ExternType): WitFunc | undefined {
    if (extern.sort === 'func') return this.#func(scope, name, extern.type)
    if (extern.sort !== 'type') {
      scope.unspeakable.push(name)
      return undefined
    }
    const { type } = extern
    if (type.kind === 'value') this.#nameValue(scope, name, type.type)
    else if (type.kind === 'resource') this.#nameResource(scope, name, type)
    else scope.unspeakable.push(name)
    return undefined
  }

  #nameValue(scope: ScopeBuilder, name: string, type: ValType): void {
    const definition = this.#renamed(scope, type) ?? this.#define(scope, type)
    // The world gives one name on both sides only to what is one type, or imports and exports could not both be typed.
    if (!scope.types.has(name)) scope.types.set(name, definition)
    if (!scope.names.has(type)) scope.names.set(type, name)
    for (let from = type.source; from !== undefined; from = from.source) {
      if (scope.originals.has(from)) break
      scope.originals.set(from, name)
    }
    if (scope instanceof InterfaceBuilder && isPublic(scope) && !this.#values.has(type))
      this.#values.set(type, { from: scope, name })
  }

  #renamed(scope: ScopeBuilder, type: ValType): WitDefinition | undefined {
    for (let at: ValType | undefined = type; at !== undefined; at = at.source) {
      const here = scope.names.get(at)
      if (here !== undefined) return { kind: 'alias', type: { kind: 'named', name: here } }
      const origin = this.#values.get(at)
      if (origin !== undefined && origin.from !== scope) return { kind: 'use', ...origin }
    }
    return undefined
  }

  #nameResource(scope: ScopeBuilder, name: string, type: ResourceName): void {
    const id = type.type
    const here = scope.names.get(id)
    const origin = here === undefined ? this.#originOf(scope, type) : undefined
    if (!scope.types.has(name)) scope.types.set(name, this.#resource(scope, name, here, origin))
    scope.names.set(type, name)
    if (here === undefined) scope.names.set(id, name)
    if (scope instanceof InterfaceBuilder && isPublic(scope)) {
      if (!this.#introductions.has(type)) this.#introductions.set(type, { from: scope, name })
      if (!this.#resources.has(id)) this.#resources.set(id, { from: scope, name })
    }
  }

  #resource(
    scope: ScopeBuilder,
    name: string,
    here: string | undefined,
    origin: Origin | undefined,
  ): WitDefinition {
    if (here !== undefined) return { kind: 'alias', type: { kind: 'named', name: here } }
    if (origin !== undefined) return { kind: 'use', ...origin }
    const members: WitFunc[] = []
    scope.members.set(name, members)
    return { kind: 'resource', members }
  }

  #originOf(scope: ScopeBuilder, type: ResourceName): Origin | undefined {
    for (let at: ResourceName | undefined = type; at !== undefined; at = at.source) {
      const origin = this.#introductions.get(at)
      if (origin !== undefined && origin.from !== scope) return origin
    }
    return this.#resources.get(type.type)
  }

  #func(scope: ScopeBuilder, full: string, type: FuncType): WitFunc | undefined {
    const parsed = tryParseExternName(full)
    const owned = parsed !== undefined && 'resource' in parsed ? parsed : undefined
    const kind = owned?.kind ?? 'function'
    const func: WitFunc = {
      kind,
      name: owned === undefined ? full : 'member' in owned ? owned.member : '',
      isAsync: type.isAsync,
      params: this.#fields(scope, kind === 'method' ? type.params.slice(1) : type.params),
      result: this.#optional(scope, type.result),
    }
    if (owned === undefined) return func
    const members = scope.members.get(owned.resource)
    // Only the scope that defines a resource can say what belongs to it.
    if (members === undefined) scope.unspeakable.push(full)
    else members.push(func)
    return undefined
  }

  #fields(scope: ScopeBuilder, fields: readonly Field[]): WitField[] {
    return fields.map(({ name, type }) => ({ name, type: this.#use(scope, type) }))
  }

  #optional(scope: ScopeBuilder, type: ValType | undefined): WitType | undefined {
    return type && this.#use(scope, type)
  }

  #define(scope: ScopeBuilder, type: ValType): WitDefinition {
    switch (type.kind) {
      case 'record':
        return { kind: 'record', fields: this.#fields(scope, type.fields) }
      case 'variant':
        return {
          kind: 'variant',
          cases: type.cases.map((one) => ({
            name: one.name,
            type: this.#optional(scope, one.type),
          })),
        }
      case 'enum':
      case 'flags':
        return { kind: type.kind, names: type.names }
      default:
        return { kind: 'alias', type: this.#write(scope, type) }
    }
  }

  /** The type where it is used: by its name in `scope`, or written out. */
  #use(scope: ScopeBuilder, type: ValType): WitType {
    for (let at: ValType | undefined = type; at !== undefined; at = at.source) {
      const name = scope.names.get(at)
      if (name !== undefined) return { kind: 'named', name }
    }
    return this.#write(scope, type)
  }

  #write(scope: ScopeBuilder, type: ValType): WitType {
    const before = scope.written.get(type)
    if (before !== undefined) return before
    const made = this.#spell(scope, type)
    scope.written.set(type, made)
    return made
  }

  #spell(scope: ScopeBuilder, type: ValType): WitType {
    switch (type.kind) {
      case 'record':
      case 'variant':
      case 'enum':
      case 'flags':
        return { kind: 'named', name: this.#nameOf(scope, type) }
      case 'list':
        return { kind: 'list', element: this.#use(scope, type.element), length: type.length }
      case 'tuple':
        return { kind: 'tuple', types: type.types.map((inner) => this.#use(scope, inner)) }
      case 'option':
        return { kind: 'option', type: this.#use(scope, type.type) }
      case 'result':
        return {
          kind: 'result',
          ok: this.#optional(scope, type.ok),
          error: this.#optional(scope, type.error),
        }
      case 'map':
        return {
          kind: 'map',
          key: this.#use(scope, type.key),
          value: this.#use(scope, type.value),
        }
      case 'stream':
      case 'future':
        return { kind: type.kind, element: this.#optional(scope, type.element) }
      case 'own':
      case 'borrow': {
        const name = this.#resourceName(scope, type.named)
        return { kind: type.kind === 'own' ? 'named' : 'borrow', name }
      }
      default:
        return { kind: 'primitive', name: type.kind }
    }
  }

  /** The name of a type that must have one, and that `scope` was given under no name of its own. */
  #nameOf(scope: ScopeBuilder, type: ValType): string {
    const original = scope.originals.get(type)
    if (original !== undefined) return original
    const definition = this.#renamed(scope, type) ?? this.#define(scope, type)
    return this.#introduce(scope, type, definition, 'unnamed')
  }

  #resourceName(scope: ScopeBuilder, named: ResourceName): string {
    for (let at: ResourceName | undefined = named; at !== undefined; at = at.source) {
      const name = scope.names.get(at)
      if (name !== undefined) return name
    }
    const id = named.type
    const other = scope.names.get(id)
    if (other !== undefined) return other
    const origin = this.#resources.get(id)
    const definition: WitDefinition =
      origin === undefined ? { kind: 'resource', members: [] } : { kind: 'use', ...origin }
    return this.#introduce(scope, id, definition, id.name)
  }

  #introduce(
    scope: ScopeBuilder,
    type: Identity,
    definition: WitDefinition,
    fallback: string,
  ): string {
    const wanted = definition.kind === 'use' ? definition.name : fallback
    let name = wanted
    for (let i = 2; scope.types.has(name); i++) name = `${wanted}-x${i}`
    scope.types.set(name, definition)
    scope.names.set(type, name)
    return name
  }
}
