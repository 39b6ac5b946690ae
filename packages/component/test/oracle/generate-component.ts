import { concatBytes, writeU32 } from '@morphee/core'
import { buildModule, bumpRealloc, op } from '@morphee/testing'
import { join, PREAMBLE, section, signed, text, vec } from '../fuzz/bytes.ts'
import type { Random } from '../fuzz/random.ts'

type TypeKind = 'value' | 'func' | 'instance' | 'component' | 'resource'
type Item = 'func' | 'type' | 'instance' | 'component'

/** The index spaces of a component or a type of one while it is generated, as far as choosing needs to know them. */
interface Spaces {
  readonly kind: 'component' | 'component type' | 'instance type'
  readonly parent: Spaces | undefined
  readonly types: TypeKind[]
  funcs: number
  instances: number
  components: number
  coreModules: number
  coreInstances: number
  coreFuncs: number
  coreMemories: number
}

function newSpaces(kind: Spaces['kind'], parent: Spaces | undefined): Spaces {
  return {
    kind,
    parent,
    types: [],
    funcs: 0,
    instances: 0,
    components: 0,
    coreModules: 0,
    coreInstances: 0,
    coreFuncs: 0,
    coreMemories: 0,
  }
}

const NAMES =
  'a b c d e-f a:b/c a:b/d@1.0.0 a:b/d@1.2.0 a:b/e [method]a.b [method]a.a [static]a.c [constructor]a [constructor]b [method]b.go'.split(
    ' ',
  )
const ODD_NAMES = ['', ...'A a-B aB a--b a:b/c@1 [method]a a:b 1a a:b/C a_b'.split(' ')]
const LABELS = ['x', 'y', 'z', 'x-y', 'self', 'X']
const PRIMITIVES = Array.from({ length: 13 }, (_, index) => 0x73 + index)

const CORE = buildModule({
  memory: { min: 1, export: 'memory' },
  globals: [{ type: 'i32', mutable: true, value: 64 }],
  funcs: [
    bumpRealloc,
    { export: 'none', body: [] },
    { export: 'one', params: ['i32'], body: [] },
    { export: 'get', results: ['i32'], body: op.i32Const(0) },
    { export: 'both', params: ['i32', 'i32'], results: ['i32'], body: op.i32Const(0) },
  ],
})
const CORE_FUNCS = ['cabi_realloc', 'none', 'one', 'get', 'both']

/**
 * A component of random definitions, most of them valid: it grows by one definition as long as `accepts` says yes, and ends with the
 * first that it refuses, or at `size`.
 */
export async function generateComponent(
  random: Random,
  size: number,
  accepts: (bytes: Uint8Array) => Promise<boolean>,
): Promise<Uint8Array> {
  const generator = new Generator(random)
  const spaces = newSpaces('component', undefined)
  const parts: Uint8Array[] = [PREAMBLE]
  for (let tries = 0; parts.length < size && tries < size * 3; tries++) {
    const before = structuredClone({ ...spaces, parent: undefined })
    parts.push(generator.definition(spaces, 0))
    if (await accepts(concatBytes(parts))) continue
    // A few end with what is refused; the others try something else.
    if (random.chance(25)) break
    parts.pop()
    Object.assign(spaces, before, { parent: undefined })
    spaces.types.length = before.types.length
  }
  return concatBytes(parts)
}

class Generator {
  readonly #random: Random
  constructor(random: Random) {
    this.#random = random
  }

  /** An index below `count`, rarely the first that is not there. */
  #index(count: number): number {
    return count === 0 || this.#random.chance(60) ? count : this.#random.int(count)
  }

  #typeIndex(spaces: Spaces, kind: TypeKind): number {
    const fitting = spaces.types.flatMap((one, index) => (one === kind ? [index] : []))
    if (fitting.length === 0 || this.#random.chance(40)) return this.#index(spaces.types.length)
    // Late types are the ones that were given names, which functions must use.
    return this.#random.chance(2) ? (fitting.at(-1) as number) : this.#random.pick(fitting)
  }

  #name(): string {
    return this.#random.pick(this.#random.chance(40) ? ODD_NAMES : NAMES)
  }

  #externName(): Uint8Array {
    return join(this.#random.int(2), text(this.#name()))
  }

  #labels(max: number): string[] {
    const count = this.#random.chance(30) ? 0 : 1 + this.#random.int(max)
    if (this.#random.chance(15))
      return Array.from({ length: count }, () => this.#random.pick(LABELS))
    return LABELS.slice(0, count)
  }

  #valType(spaces: Spaces): Uint8Array {
    const hasTypes = spaces.types.includes('value')
    return hasTypes && !this.#random.chance(3)
      ? signed(this.#typeIndex(spaces, 'value'))
      : Uint8Array.of(this.#random.pick(PRIMITIVES))
  }

  #maybe(spaces: Spaces): Uint8Array {
    return this.#random.chance(3) ? Uint8Array.of(0) : join(1, this.#valType(spaces))
  }

  #valueType(spaces: Spaces): Uint8Array {
    const random = this.#random
    switch (random.int(12)) {
      case 0:
        return Uint8Array.of(random.pick(PRIMITIVES))
      case 1:
        return join(0x72, vec(this.#labels(3).map((one) => join(text(one), this.#valType(spaces)))))
      case 2:
        return join(
          0x71,
          vec(this.#labels(3).map((one) => join(text(one), this.#maybe(spaces), 0))),
        )
      case 3:
        return join(0x70, this.#valType(spaces))
      case 4: {
        const types = Array.from({ length: random.int(4) }, () => this.#valType(spaces))
        return join(0x6f, vec(types))
      }
      case 5:
        return join(random.pick([0x6e, 0x6d]), vec(this.#labels(4).map(text)))
      case 6:
        return join(0x6b, this.#valType(spaces))
      case 7:
        return join(0x6a, this.#maybe(spaces), this.#maybe(spaces))
      case 8:
        return join(0x67, this.#valType(spaces), writeU32(random.int(5)))
      case 9:
        return join(0x63, this.#valType(spaces), this.#valType(spaces))
      default:
        return join(random.pick([0x69, 0x68]), writeU32(this.#typeIndex(spaces, 'resource')))
    }
  }

  #funcType(spaces: Spaces): Uint8Array {
    const names = this.#random.chance(3) ? [] : this.#labels(3)
    const params = names.map((one) => join(text(one), this.#valType(spaces)))
    const result = this.#random.chance(2) ? Uint8Array.of(1, 0) : join(0, this.#valType(spaces))
    return join(0x40, vec(params), result)
  }

  /** A method of a resource that is there, as its name wants it. */
  #methodType(handle: number): Uint8Array {
    return join(0x40, vec([join(text('self'), signed(handle))]), 1, 0)
  }

  #type(spaces: Spaces, depth: number): Uint8Array {
    const random = this.#random
    const choice = random.int(12)
    if (choice < 6) {
      const type = this.#valueType(spaces)
      spaces.types.push('value')
      return type
    }
    if (choice < 9) {
      const type =
        random.chance(4) && spaces.types.includes('value')
          ? this.#methodType(this.#typeIndex(spaces, 'value'))
          : this.#funcType(spaces)
      spaces.types.push('func')
      return type
    }
    if (choice === 9 && (spaces.kind === 'component' || random.chance(10))) {
      spaces.types.push('resource')
      return Uint8Array.of(0x3f, 0x7f, 0)
    }
    if (depth > 2) {
      spaces.types.push('value')
      return Uint8Array.of(random.pick(PRIMITIVES))
    }
    const kind = random.chance(3) ? 'component' : 'instance'
    const inner = newSpaces(`${kind} type`, spaces)
    const declarations = Array.from({ length: random.int(6) }, () =>
      this.#declaration(inner, depth + 1),
    )
    spaces.types.push(kind)
    return join(kind === 'component' ? 0x41 : 0x42, vec(declarations))
  }

  #declaration(spaces: Spaces, depth: number): Uint8Array {
    switch (this.#random.int(spaces.kind === 'component type' ? 6 : 5)) {
      case 0:
      case 1:
        return join(1, this.#type(spaces, depth))
      case 2:
        return join(2, this.#alias(spaces))
      case 3:
      case 4:
        return join(4, this.#externName(), this.#externType(spaces))
      default:
        return join(3, this.#externName(), this.#externType(spaces))
    }
  }

  /** The type of an import or export, which is added to its index space. */
  #externType(spaces: Spaces): Uint8Array {
    switch (this.#random.int(8)) {
      case 0:
      case 1:
        spaces.funcs++
        return join(1, writeU32(this.#typeIndex(spaces, 'func')))
      case 2: {
        spaces.types.push('resource')
        return Uint8Array.of(3, 1)
      }
      case 3:
      case 4:
      case 5: {
        const index = this.#typeIndex(
          spaces,
          this.#random.pick(['value', 'value', 'resource', 'func']),
        )
        spaces.types.push(spaces.types[index] ?? 'value')
        return join(3, 0, writeU32(index))
      }
      case 6:
        spaces.instances++
        return join(5, writeU32(this.#typeIndex(spaces, 'instance')))
      default:
        if (!this.#random.chance(4)) {
          spaces.instances++
          return join(5, writeU32(this.#typeIndex(spaces, 'instance')))
        }
        spaces.components++
        return join(4, writeU32(this.#typeIndex(spaces, 'component')))
    }
  }

  #alias(spaces: Spaces): Uint8Array {
    const random = this.#random
    const outer = spaces.parent
    if (outer !== undefined && random.chance(2)) {
      const up = random.chance(8) ? 0 : 1
      const from = up === 0 ? spaces : outer
      const index = this.#index(from.types.length)
      spaces.types.push(from.types[index] ?? 'value')
      return join(3, 2, writeU32(up), writeU32(index))
    }
    const sort = random.pick<Item>(['type', 'type', 'func', 'instance'])
    this.#push(spaces, sort)
    const code = { func: 1, type: 3, component: 4, instance: 5 }[sort]
    return join(code, 0, writeU32(this.#index(spaces.instances)), text(this.#name()))
  }

  #push(spaces: Spaces, sort: Item): void {
    if (sort === 'type') spaces.types.push(this.#random.pick(['value', 'resource']))
    else if (sort === 'func') spaces.funcs++
    else if (sort === 'instance') spaces.instances++
    else spaces.components++
  }

  /** A reference to an item that is there. */
  #item(spaces: Spaces): { sort: Item; bytes: Uint8Array } {
    const sort = this.#random.pick<Item>(['type', 'type', 'func', 'instance', 'component'])
    const counts = {
      type: spaces.types.length,
      func: spaces.funcs,
      instance: spaces.instances,
      component: spaces.components,
    }
    const code = { func: 1, type: 3, component: 4, instance: 5 }[sort]
    return { sort, bytes: join(code, writeU32(this.#index(counts[sort]))) }
  }

  /** A section with one definition of a component. */
  definition(spaces: Spaces, depth: number): Uint8Array {
    const random = this.#random
    switch (random.int(16)) {
      case 0:
      case 1:
      case 2:
      case 3:
        return section(7, vec([this.#type(spaces, depth)]))
      case 4:
      case 5:
      case 6:
        return section(10, vec([join(this.#externName(), this.#externType(spaces))]))
      case 7:
      case 8:
      case 9: {
        const { sort, bytes } = this.#item(spaces)
        const name = this.#externName()
        if (sort === 'type') spaces.types.push(spaces.types[bytes[1] ?? 0] ?? 'value')
        else this.#push(spaces, sort)
        if (!random.chance(5)) return section(11, vec([join(name, bytes, 0)]))
        const trial = structuredClone({ ...spaces, parent: undefined }) as Spaces
        return section(11, vec([join(name, bytes, 1, this.#externType(trial))]))
      }
      case 10:
        return section(6, vec([this.#alias(spaces)]))
      case 11: {
        spaces.instances++
        const args = Array.from({ length: random.int(3) }, () => {
          const { bytes } = this.#item(spaces)
          return join(text(this.#name()), bytes)
        })
        return section(5, vec([join(0, writeU32(this.#index(spaces.components)), vec(args))]))
      }
      case 12: {
        const items = Array.from({ length: random.int(4) }, () =>
          join(this.#externName(), this.#item(spaces).bytes),
        )
        spaces.instances++
        return section(5, vec([join(1, vec(items))]))
      }
      case 13: {
        if (depth > 2) return section(7, vec([this.#type(spaces, depth)]))
        const inner = newSpaces('component', spaces)
        const body = Array.from({ length: random.int(5) }, () => this.definition(inner, depth + 1))
        spaces.components++
        return section(4, join(PREAMBLE, ...body))
      }
      default:
        return this.#core(spaces)
    }
  }

  /** Something of the core: what functions are lifted from and lowered to. */
  #core(spaces: Spaces): Uint8Array {
    const random = this.#random
    if (spaces.coreInstances === 0) {
      spaces.coreModules++
      spaces.coreInstances++
      spaces.coreMemories++
      spaces.coreFuncs += CORE_FUNCS.length
      const funcs = CORE_FUNCS.map((name) => join(0, 0, 1, 0, text(name)))
      return join(
        section(1, CORE),
        section(2, vec([join(0, writeU32(spaces.coreModules - 1), vec([]))])),
        section(6, vec([join(0, 2, 1, 0, text('memory')), ...funcs])),
      )
    }
    switch (random.int(6)) {
      case 0:
      case 1:
      case 2: {
        const type = this.#typeIndex(spaces, 'func')
        spaces.funcs++
        return section(
          8,
          vec([
            join(0, 0, writeU32(this.#index(spaces.coreFuncs)), this.#options(), writeU32(type)),
          ]),
        )
      }
      case 3: {
        const func = this.#index(spaces.funcs)
        spaces.coreFuncs++
        return section(8, vec([join(1, 0, writeU32(func), this.#options())]))
      }
      default: {
        spaces.coreFuncs++
        return section(
          8,
          vec([join(random.pick([2, 3, 4]), writeU32(this.#typeIndex(spaces, 'resource')))]),
        )
      }
    }
  }

  #options(): Uint8Array {
    const random = this.#random
    const all: Uint8Array[] = []
    if (random.chance(3)) all.push(Uint8Array.of(random.int(3)))
    if (!random.chance(3)) all.push(Uint8Array.of(3, 0))
    if (!random.chance(3)) all.push(Uint8Array.of(4, random.chance(20) ? 1 : 0))
    if (random.chance(8)) all.push(Uint8Array.of(5, random.int(5)))
    return vec(all)
  }
}
