import type { CoreFuncTypeAst } from '../binary/ast.ts'
import type { CoreExtern, CoreModuleType } from '../core/module-info.ts'
import { invalid } from '../errors.ts'
import { tryParseExternName, uniquenessKey } from '../names/extern-name.ts'
import type {
  AnyType,
  ComponentType,
  ExternType,
  FuncType,
  InstanceType,
} from '../types/extern-type.ts'
import type { ResourceId } from '../types/val-type.ts'

export type CoreType =
  | { readonly kind: 'func'; readonly type: CoreFuncTypeAst }
  | { readonly kind: 'module'; readonly type: CoreModuleType }
export type CoreInstanceType = ReadonlyMap<string, CoreExtern>

/** The index spaces of a component, a component type or an instance type while it is validated. */
export class Scope {
  readonly kind: 'component' | 'component type' | 'instance type'
  readonly parent: Scope | undefined
  readonly coreTypes: CoreType[] = []
  readonly coreModules: CoreModuleType[] = []
  readonly coreInstances: CoreInstanceType[] = []
  readonly coreFuncs: CoreFuncTypeAst[] = []
  readonly coreTables: Extract<CoreExtern, { kind: 'table' }>[] = []
  readonly coreMemories: Extract<CoreExtern, { kind: 'memory' }>[] = []
  readonly coreGlobals: Extract<CoreExtern, { kind: 'global' }>[] = []
  readonly coreTags: CoreFuncTypeAst[] = []
  readonly types: AnyType[] = []
  readonly funcs: FuncType[] = []
  readonly components: ComponentType[] = []
  readonly instances: InstanceType[] = []
  readonly imports: Map<string, ExternType> = new Map()
  readonly exports: Map<string, ExternType> = new Map()
  readonly imported: ResourceId[] = []
  readonly defined: ResourceId[] = []
  /** Types that the outside can name: introduced by an import or export. */
  readonly namedByImport: Set<object> = new Set()
  readonly namedByExport: Set<object> = new Set()
  /** What `context.get` and `context.set` hold, which is the same for all of a component. */
  contextType: 'i32' | 'i64' | undefined
  readonly #importNames = new Map<string, string>()
  readonly #exportNames = new Map<string, string>()
  readonly #definedIds = new Set<ResourceId>()
  #slots = 0

  constructor(kind: Scope['kind'], parent: Scope | undefined) {
    this.kind = kind
    this.parent = parent
  }

  get slots(): number {
    return this.#slots
  }

  newResource(name: string, isLocal = false): ResourceId {
    return { name, slot: this.#slots++, isLocal }
  }

  /** Whether `id` came into being here: by a definition, or with a child instance. */
  defines(id: ResourceId): boolean {
    for (const one of this.defined.slice(this.#definedIds.size)) this.#definedIds.add(one)
    return this.#definedIds.has(id)
  }

  /** The item at `index`, or an error that says which index space has no such thing. */
  at<T>(space: readonly T[], index: number, what: string, offset: number): T {
    const item = space[index]
    if (item === undefined) throw invalid(offset, `${what} index ${index} is out of bounds`)
    return item
  }

  outer(count: number, offset: number): Scope {
    // oxlint-disable-next-line typescript/no-this-alias -- the start of a walk
    let scope: Scope | undefined = this
    for (let i = 0; i < count && scope !== undefined; i++) scope = scope.parent
    if (scope === undefined) throw invalid(offset, `invalid outer alias count ${count}`)
    return scope
  }

  claimName(side: 'import' | 'export', name: string, offset: number): void {
    const names = side === 'import' ? this.#importNames : this.#exportNames
    if (tryParseExternName(name) === undefined)
      throw invalid(offset, `${JSON.stringify(name)} is not a valid ${side} name`)
    const key = uniquenessKey(name)
    const before = names.get(key)
    if (before !== undefined) {
      throw invalid(
        offset,
        `${side} name ${JSON.stringify(name)} conflicts with previous name ${JSON.stringify(before)}`,
      )
    }
    names.set(key, name)
  }

  /** Appends an item to the index space of its sort. */
  push(extern: ExternType): void {
    switch (extern.sort) {
      case 'core module':
        this.coreModules.push(extern.type)
        break
      case 'func':
        this.funcs.push(extern.type)
        break
      case 'component':
        this.components.push(extern.type)
        break
      case 'instance':
        this.instances.push(extern.type)
        break
      case 'type':
        this.types.push(extern.type)
        break
    }
  }
}
