import { type Bytes, flatten, name, section, signed, u32, vec } from './bytes.ts'

/** A component value type, as far as the builder knows them; the shape is that of the engine's `ValueType`. */
export type BuilderType =
  | { readonly kind: keyof typeof PRIMITIVES }
  | { readonly kind: 'list'; readonly element: BuilderType; readonly length?: number }
  | { readonly kind: 'map'; readonly key: BuilderType; readonly value: BuilderType }
  | { readonly kind: 'tuple'; readonly types: readonly BuilderType[] }
  | { readonly kind: 'option'; readonly type: BuilderType }
  | { readonly kind: 'result'; readonly ok: BuilderType | null; readonly error: BuilderType | null }
  | {
      readonly kind: 'record'
      readonly fields: readonly { readonly name: string; readonly type: BuilderType }[]
    }
  | { readonly kind: 'enum' | 'flags'; readonly names: readonly string[] }
  | {
      readonly kind: 'variant'
      readonly cases: readonly { readonly name: string; readonly type: BuilderType | null }[]
    }

const PRIMITIVES = {
  bool: 0x7f,
  s8: 0x7e,
  u8: 0x7d,
  s16: 0x7c,
  u16: 0x7b,
  s32: 0x7a,
  u32: 0x79,
  s64: 0x78,
  u64: 0x77,
  f32: 0x76,
  f64: 0x75,
  char: 0x74,
  string: 0x73,
} as const

/** A component function's type. */
export interface BuilderFunc {
  readonly params?: readonly { readonly name: string; readonly type: BuilderType }[]
  readonly result?: BuilderType
}

/** Canonical options, as indices. */
export interface BuilderOptions {
  readonly memory?: number
  readonly realloc?: number
  readonly postReturn?: number
  readonly encoding?: 'utf8' | 'utf16' | 'latin1+utf16'
}

const CORE_SORTS = { func: 0, table: 1, memory: 2, global: 3 } as const
const SORTS = { func: 1, type: 3, component: 4, instance: 5 } as const

/**
 * Writes a component definition by definition; each call gives the index of what it defined.
 *
 * @example
 * ```ts
 * const c = new ComponentBuilder()
 * const core = c.coreInstance(c.module(buildModule({ funcs: [{ results: ['i32'], body: op.i32Const(42), export: 'f' }] })))
 * c.export('f', 'func', c.lift(c.coreAlias('func', core, 'f'), { result: { kind: 'u32' } }))
 * const bytes = c.build()
 * ```
 */
export class ComponentBuilder {
  readonly #parts: Bytes[] = [[0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]]
  readonly #next: Record<string, number> = {}
  readonly #imported = new Map<BuilderType, number>()

  #index(space: string): number {
    const index = this.#next[space] ?? 0
    this.#next[space] = index + 1
    return index
  }

  /** Any bytes, for what the builder does not know. */
  raw(bytes: Bytes): this {
    this.#parts.push(bytes)
    return this
  }

  custom(label: string, bytes: Iterable<number>): this {
    return this.raw(section(0, [name(label), [...bytes]]))
  }

  module(bytes: Uint8Array): number {
    this.raw(section(1, [...bytes]))
    return this.#index('core module')
  }

  component(bytes: Uint8Array): number {
    this.raw(section(4, [...bytes]))
    return this.#index('component')
  }

  coreInstance(module: number, args: Readonly<Record<string, number>> = {}): number {
    this.raw(
      section(
        2,
        vec([
          [
            0,
            u32(module),
            vec(Object.entries(args).map(([key, instance]) => [name(key), 0x12, u32(instance)])),
          ],
        ]),
      ),
    )
    return this.#index('core instance')
  }

  /** A core instance made of core functions. */
  coreExports(funcs: Readonly<Record<string, number>>): number {
    this.raw(
      section(
        2,
        vec([[1, vec(Object.entries(funcs).map(([key, func]) => [name(key), 0, u32(func)]))]]),
      ),
    )
    return this.#index('core instance')
  }

  coreAlias(sort: keyof typeof CORE_SORTS, instance: number, label: string): number {
    this.raw(section(6, vec([[0, CORE_SORTS[sort], 1, u32(instance), name(label)]])))
    return this.#index(`core ${sort}`)
  }

  alias(sort: keyof typeof SORTS, instance: number, label: string): number {
    this.raw(section(6, vec([[SORTS[sort], 0, u32(instance), name(label)]])))
    return this.#index(sort)
  }

  #define(bytes: Bytes): number {
    this.raw(section(7, vec([bytes])))
    return this.#index('type')
  }

  /** Defines a type and gives its index. */
  type(type: BuilderType): number {
    switch (type.kind) {
      case 'list': {
        const element = this.#use(type.element)
        return this.#define(
          type.length === undefined ? [0x70, element] : [0x67, element, u32(type.length)],
        )
      }
      case 'map':
        return this.#define([0x63, this.#use(type.key), this.#use(type.value)])
      case 'tuple':
        return this.#define([0x6f, vec(type.types.map((one) => this.#use(one)))])
      case 'option':
        return this.#define([0x6b, this.#use(type.type)])
      case 'result':
        return this.#define([0x6a, this.#maybe(type.ok), this.#maybe(type.error)])
      case 'record':
        return this.#define([
          0x72,
          vec(type.fields.map((field) => [name(field.name), this.#use(field.type)])),
        ])
      case 'variant':
        return this.#define([
          0x71,
          vec(type.cases.map((one) => [name(one.name), this.#maybe(one.type), 0])),
        ])
      case 'enum':
      case 'flags':
        return this.#define([type.kind === 'enum' ? 0x6d : 0x6e, vec(type.names.map(name))])
      default:
        return this.#define([PRIMITIVES[type.kind]])
    }
  }

  #maybe(type: BuilderType | null): Bytes {
    return type === null ? [0] : [1, this.#use(type)]
  }

  // A record, variant, enum or flags that a function uses must have a name outside, so it is exported under one.
  #use(type: BuilderType): Bytes {
    if (type.kind in PRIMITIVES) return [PRIMITIVES[type.kind as keyof typeof PRIMITIVES]]
    const known = this.#imported.get(type)
    if (known !== undefined) return signed(known)
    const index = this.type(type)
    if (!['record', 'variant', 'enum', 'flags'].includes(type.kind)) return signed(index)
    return signed(this.export(`type-${index}x`, 'type', index))
  }

  /**
   * Imports the records, variants, enums and flags in `types` under the names `t0x`, `t1x` and so on, which imported functions need; whatever uses the
   * same objects uses them. Gives the indices by name, for instantiating a component that imports the same.
   */
  importTypes(...types: readonly BuilderType[]): Readonly<Record<string, number>> {
    const named: Record<string, number> = {}
    const walk = (type: BuilderType | null | undefined): void => {
      if (type === null || type === undefined || this.#imported.has(type)) return
      for (const part of partsOf(type)) walk(part)
      if (!['record', 'variant', 'enum', 'flags'].includes(type.kind)) return
      const label = `t${this.#imported.size}x`
      this.raw(section(10, vec([[0, name(label), 3, 0, u32(this.type(type))]])))
      named[label] = this.#index('type')
      this.#imported.set(type, named[label])
    }
    for (const type of types) walk(type)
    return named
  }

  funcType({ params = [], result }: BuilderFunc): number {
    const inputs = params.map((param): Bytes => [name(param.name), this.#use(param.type)])
    return this.#define([0x40, vec(inputs), result === undefined ? [1, 0] : [0, this.#use(result)]])
  }

  importFunc(label: string, type: BuilderFunc): number {
    const index = this.funcType(type)
    this.raw(section(10, vec([[0, name(label), 1, u32(index)]])))
    return this.#index('func')
  }

  /** An instance made of functions, to be exported as an interface. */
  instance(funcs: Readonly<Record<string, number>>): number {
    this.raw(
      section(
        5,
        vec([[1, vec(Object.entries(funcs).map(([key, func]) => [0, name(key), 1, u32(func)]))]]),
      ),
    )
    return this.#index('instance')
  }

  /** Instantiates a component with functions and types of this one. */
  instantiate(
    component: number,
    args: {
      readonly funcs?: Readonly<Record<string, number>>
      readonly types?: Readonly<Record<string, number>>
    } = {},
  ): number {
    const items = (all: Readonly<Record<string, number>> = {}, sort: number): Bytes[] =>
      Object.entries(all).map(([key, index]) => [name(key), sort, u32(index)])
    const given = [...items(args.types, SORTS.type), ...items(args.funcs, SORTS.func)]
    this.raw(section(5, vec([[0, u32(component), vec(given)]])))
    return this.#index('instance')
  }

  lift(func: number, type: BuilderFunc, options: BuilderOptions = {}): number {
    const index = this.funcType(type)
    this.raw(section(8, vec([[0, 0, u32(func), this.#options(options), u32(index)]])))
    return this.#index('func')
  }

  lower(func: number, options: BuilderOptions = {}): number {
    this.raw(section(8, vec([[1, 0, u32(func), this.#options(options)]])))
    return this.#index('core func')
  }

  #options({ memory, realloc, postReturn, encoding }: BuilderOptions): Bytes {
    const all: Bytes[] = []
    if (encoding !== undefined) all.push([{ utf8: 0, utf16: 1, 'latin1+utf16': 2 }[encoding]])
    if (memory !== undefined) all.push([3, u32(memory)])
    if (realloc !== undefined) all.push([4, u32(realloc)])
    if (postReturn !== undefined) all.push([5, u32(postReturn)])
    return vec(all)
  }

  export(label: string, sort: keyof typeof SORTS, index: number): number {
    this.raw(section(11, vec([[0, name(label), SORTS[sort], u32(index), 0]])))
    return this.#index(sort)
  }

  build(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(flatten(this.#parts))
  }
}

function partsOf(type: BuilderType): readonly (BuilderType | null)[] {
  switch (type.kind) {
    case 'list':
      return [type.element]
    case 'map':
      return [type.key, type.value]
    case 'tuple':
      return type.types
    case 'record':
      return type.fields.map((field) => field.type)
    case 'variant':
      return type.cases.map((one) => one.type)
    case 'option':
      return [type.type]
    case 'result':
      return [type.ok, type.error]
    default:
      return []
  }
}
