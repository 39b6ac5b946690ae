import { concatBytes, writeU32 } from '@morphee/core'
import { join, PREAMBLE, section, signed, text, vec } from './bytes.ts'

/** A component made to hurt whoever reads it, and what must become of it. */
export interface Hostile {
  readonly name: string
  readonly bytes: () => Uint8Array
  /** The codes it may be refused with; `fine` when nothing is wrong with it. */
  readonly ends: readonly string[]
  /** The limit that stops it, where one does. */
  readonly limit?: string
}

const FINE = 'fine'
const MALFORMED = 'ERR_COMPONENT_MALFORMED'
const INVALID = 'ERR_COMPONENT_INVALID'
const UNSUPPORTED = 'ERR_COMPONENT_UNSUPPORTED'
const LIMIT = 'ERR_COMPONENT_LIMIT'

const U8 = 0x7d
const FOUR_BILLION = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)
const MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)

function component(...sections: Uint8Array[]): Uint8Array {
  return concatBytes([PREAMBLE, ...sections])
}
function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}
function types(...all: Uint8Array[]): Uint8Array {
  return section(7, vec(all))
}
function core(...sections: Uint8Array[]): Uint8Array {
  return component(section(1, concatBytes([MODULE, ...sections])))
}
/** A plain name of an export or import. */
function extern(name: string): Uint8Array {
  return join(0, text(name))
}

const EMPTY_FUNC = join(0x40, vec([]), 1, 0)

/** An instance type with `count` functions. */
function wideInstance(count: number): Uint8Array {
  const exports = times(count, (index) => join(4, extern(`f${index}`), 1, 0))
  return join(0x42, vec([join(1, EMPTY_FUNC), ...exports]))
}

/** Sections nested in components, `depth` times. */
function nested(depth: number): Uint8Array {
  let inner: Uint8Array = component()
  for (let i = 0; i < depth; i++) inner = component(section(4, inner))
  return inner
}

function nestedTypes(kind: 0x41 | 0x42, depth: number): Uint8Array {
  let inner = join(kind, vec([]))
  for (let i = 0; i < depth; i++) inner = join(kind, vec([join(1, inner)]))
  return component(types(inner))
}

/** Every vector of the format, said to have four billion items. */
const HUGE_COUNTS: readonly (readonly [what: string, bytes: () => Uint8Array])[] = [
  ...[2, 3, 5, 6, 7, 8, 10, 11].map(
    (id) => [`section ${id}`, () => component(section(id, FOUR_BILLION))] as const,
  ),
  ['fields', () => component(types(join(0x72, FOUR_BILLION)))],
  ['cases', () => component(types(join(0x71, FOUR_BILLION)))],
  ['flags', () => component(types(join(0x6e, FOUR_BILLION)))],
  ['parts of a tuple', () => component(types(join(0x6f, FOUR_BILLION)))],
  ['parameters', () => component(types(join(0x40, FOUR_BILLION)))],
  ['declarations', () => component(types(join(0x42, FOUR_BILLION)))],
  ['arguments', () => component(section(5, vec([join(0, 0, FOUR_BILLION)])))],
  ['core arguments', () => component(section(2, vec([join(0, 0, FOUR_BILLION)])))],
  ['inline exports', () => component(section(5, vec([join(1, FOUR_BILLION)])))],
  ['canonical options', () => component(section(8, vec([join(0, 0, 0, FOUR_BILLION)])))],
  ['bytes of a name', () => component(section(10, vec([join(0, FOUR_BILLION, 0x61)])))],
  ['core functions', () => core(section(3, FOUR_BILLION))],
  ['core exports', () => core(section(7, FOUR_BILLION))],
  ['core imports', () => core(section(2, FOUR_BILLION))],
]

const CODE_WITH_FOUR_BILLION_LOCALS = core(
  section(1, vec([Uint8Array.of(0x60, 0, 0)])),
  section(3, vec([Uint8Array.of(0)])),
  section(10, vec([join(8, vec([join(FOUR_BILLION, 0x7f)]), 0x0b)])),
)

/** The corpus: every way of being hostile that a reader of this format is known to fall for. */
export const HOSTILE: readonly Hostile[] = [
  ...HUGE_COUNTS.map(([what, bytes]) => ({
    name: `four billion ${what}`,
    bytes,
    ends: /^core (func|exp|imp)/.test(what) ? [LIMIT] : [MALFORMED],
  })),
  {
    name: 'a section whose size has six bytes',
    bytes: () => component(Uint8Array.of(7, 0x80, 0x80, 0x80, 0x80, 0x80, 0)),
    ends: [MALFORMED],
  },
  {
    name: 'a size of more than 32 bits',
    bytes: () => component(Uint8Array.of(7, 0xff, 0xff, 0xff, 0xff, 0x7f)),
    ends: [MALFORMED],
  },
  {
    name: 'a number written longer than it must be, which the format allows',
    bytes: () => component(Uint8Array.of(7, 0x81, 0x80, 0x80, 0x80, 0, 0)),
    ends: [FINE],
  },
  {
    name: 'a section that ends after the file',
    bytes: () => component(Uint8Array.of(7, 100, 1)),
    ends: [MALFORMED],
  },
  {
    name: 'a name that is no UTF-8',
    bytes: () => component(section(0, Uint8Array.of(2, 0xc0, 0x80))),
    ends: [MALFORMED],
  },
  {
    name: 'a million empty custom sections',
    bytes: () => component(concatBytes(times(1_000_000, () => Uint8Array.of(0, 1, 0)))),
    ends: [FINE],
  },
  {
    name: 'a million sections without items',
    bytes: () => component(concatBytes(times(1_000_000, () => Uint8Array.of(7, 1, 0)))),
    ends: [FINE],
  },
  {
    name: '200,000 definitions',
    bytes: () => component(section(7, vec(times(200_000, () => Uint8Array.of(U8))))),
    ends: [LIMIT],
    limit: 'maxDefinitions',
  },
  {
    name: '90,000 exports of one type',
    bytes: () =>
      component(
        types(Uint8Array.of(U8)),
        section(11, vec(times(90_000, (i) => join(extern(`t${i}`), 3, 0, 0)))),
      ),
    ends: [FINE],
  },
  {
    name: 'a name of a million characters',
    bytes: () =>
      component(types(EMPTY_FUNC), section(10, vec([join(extern('a'.repeat(1_000_000)), 1, 0)]))),
    ends: [FINE],
  },
  {
    name: 'a name of a million hyphens',
    bytes: () =>
      component(types(EMPTY_FUNC), section(10, vec([join(extern('a-'.repeat(500_000)), 1, 0)]))),
    ends: [INVALID],
  },
  {
    name: 'components in components, 40 deep',
    bytes: () => nested(40),
    ends: [LIMIT],
    limit: 'maxNesting',
  },
  {
    name: 'components in components, 2,000 deep',
    bytes: () => nested(2_000),
    ends: [LIMIT],
    limit: 'maxNesting',
  },
  {
    name: 'instance types in each other, 1,500 deep',
    bytes: () => nestedTypes(0x42, 1_500),
    ends: [LIMIT],
    limit: 'maxNesting',
  },
  {
    name: 'component types in each other, 1,500 deep',
    bytes: () => nestedTypes(0x41, 1_500),
    ends: [LIMIT],
    limit: 'maxNesting',
  },
  {
    name: 'lists of lists, 5,000 deep',
    bytes: () => component(types(Uint8Array.of(U8), ...times(5_000, (i) => join(0x70, signed(i))))),
    ends: [LIMIT],
    limit: 'maxTypeDepth',
  },
  {
    name: 'a tuple of two of the one before, 60 times',
    bytes: () =>
      component(
        types(Uint8Array.of(U8), ...times(60, (i) => join(0x6f, vec([signed(i), signed(i)])))),
      ),
    ends: [LIMIT, INVALID],
  },
  {
    name: 'a fixed list of four billion fixed lists',
    bytes: () => component(types(join(0x67, U8, FOUR_BILLION), join(0x67, 0, FOUR_BILLION))),
    ends: [INVALID],
  },
  {
    name: 'a type that is another name of the one before, 50,000 times',
    bytes: () =>
      component(
        types(Uint8Array.of(U8)),
        section(10, vec(times(50_000, (i) => join(extern(`t${i}`), 3, 0, writeU32(i))))),
      ),
    ends: [FINE],
  },
  {
    name: 'a type of a resource that is another name of the one before, 30,000 times, in an instance that is imported',
    bytes: () => {
      const renamed = times(30_000, (i) => join(4, extern(`t${i}`), 3, 0, writeU32(i + 1)))
      const own = join(1, 0x69, 0)
      return component(
        types(join(0x42, vec([join(4, extern('r'), 3, 1), own, ...renamed]))),
        section(10, vec([join(extern('i'), 5, 0)])),
      )
    },
    // The stack is the bound, and how much of it there is differs.
    ends: [FINE, LIMIT],
  },
  {
    name: '2,000 imports of an instance with 4,000 functions',
    bytes: () =>
      component(
        types(wideInstance(4_000)),
        section(10, vec(times(2_000, (i) => join(extern(`i${i}`), 5, 0)))),
      ),
    ends: [LIMIT],
    limit: 'validation steps',
  },
  {
    name: '2,000 imports of a type that is an instance type with 4,000 functions',
    bytes: () =>
      component(
        types(wideInstance(4_000)),
        section(10, vec(times(2_000, (i) => join(extern(`i${i}`), 3, 0, 0)))),
      ),
    ends: [LIMIT],
    limit: 'validation steps',
  },
  {
    name: '5,000 exports of an instance with 4,000 functions',
    bytes: () =>
      component(
        types(wideInstance(4_000)),
        section(10, vec([join(extern('i'), 5, 0)])),
        section(11, vec(times(5_000, (i) => join(extern(`e${i}`), 5, 0, 0)))),
      ),
    ends: [LIMIT],
    limit: 'validation steps',
  },
  {
    name: 'instances that multiply: ten components, each instantiating the one before ten times',
    bytes: () => {
      const level = (before: number): Uint8Array =>
        section(
          4,
          component(
            section(6, vec([join(4, 2, 1, writeU32(before))])),
            section(5, vec(times(10, () => join(0, 0, vec([]))))),
          ),
        )
      return component(
        section(4, component()),
        ...times(9, level),
        section(5, vec([join(0, 9, vec([]))])),
      )
    },
    ends: [LIMIT],
    limit: 'maxInstances',
  },
  {
    name: '1,500 instances of a component that is given a variant with 9,000 cases',
    bytes: () => {
      const variant = join(0x71, vec(times(9_000, (i) => join(text(`c${i}`), 0, 0))))
      const inner = component(types(variant), section(10, vec([join(extern('t'), 3, 0, 0)])))
      return component(
        types(variant),
        section(4, inner),
        section(5, vec(times(1_500, () => join(0, 0, vec([join(text('t'), 3, 0)]))))),
      )
    },
    ends: [LIMIT],
    limit: 'validation steps',
  },
  {
    name: 'a core module with a data segment of four gigabytes',
    bytes: () =>
      core(
        section(5, vec([Uint8Array.of(0, 1)])),
        section(11, vec([join(0, 0x41, 0, 0x0b, FOUR_BILLION)])),
      ),
    ends: [MALFORMED, INVALID],
  },
  {
    name: 'a core function with four billion locals',
    bytes: () => CODE_WITH_FOUR_BILLION_LOCALS,
    ends: [INVALID],
  },
  {
    name: 'a core memory of four gigabytes',
    bytes: () =>
      component(
        section(1, concatBytes([MODULE, section(5, vec([join(0, writeU32(65_536))]))])),
        section(2, vec([join(0, 0, vec([]))])),
      ),
    ends: [LIMIT],
    limit: 'maxMemoryBytes',
  },
  {
    name: 'a core table of four billion elements',
    bytes: () =>
      component(
        section(1, concatBytes([MODULE, section(4, vec([join(0x70, 0, FOUR_BILLION)]))])),
        section(2, vec([join(0, 0, vec([]))])),
      ),
    ends: [LIMIT, INVALID],
  },
  {
    name: '1,000 core modules',
    bytes: () => component(...times(1_000, () => section(1, MODULE))),
    ends: [LIMIT],
    limit: 'maxModules',
  },
  { name: 'a core module in place of the component', bytes: () => MODULE, ends: [MALFORMED] },
  {
    name: 'a component in place of a core module',
    bytes: () => component(section(1, component())),
    ends: [MALFORMED],
  },
  {
    name: 'a start function',
    bytes: () => component(section(9, Uint8Array.of(0, 0, 0))),
    ends: [UNSUPPORTED],
  },
]
