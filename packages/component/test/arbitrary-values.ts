import type { ValueType } from '@morphee/component'
import fc from 'fast-check'

const PRIMITIVES = [
  'bool',
  'u8',
  's8',
  'u16',
  's16',
  'u32',
  's32',
  'u64',
  's64',
  'f32',
  'f64',
  'char',
  'string',
] as const

/** What a key of a map may be. */
const KEYS = PRIMITIVES.filter((kind) => kind !== 'f32' && kind !== 'f64')

const names = (min: number, max: number): fc.Arbitrary<string[]> =>
  fc
    .integer({ min, max })
    .map((count) =>
      Array.from(
        { length: count },
        (_, index) => `n-${String.fromCharCode(97 + (index % 26))}${Math.floor(index / 26)}x`,
      ),
    )

/** Any type whose values can travel. */
export const arbitraryType: fc.Arbitrary<ValueType> = fc.letrec<{ type: ValueType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'type' },
    fc.constantFrom(...PRIMITIVES).map((kind) => ({ kind }) as ValueType),
    names(1, 300).map((all) => ({ kind: 'enum', names: all }) as ValueType),
    names(1, 32).map((all) => ({ kind: 'flags', names: all }) as ValueType),
    tie('type').map((element) => ({ kind: 'list', element }) as ValueType),
    fc
      .tuple(tie('type'), fc.integer({ min: 1, max: 20 }))
      .map(([element, length]) => ({ kind: 'list', element, length }) as ValueType),
    fc
      .tuple(
        fc.constantFrom(...KEYS).map((kind) => ({ kind }) as ValueType),
        tie('type'),
      )
      .map(([key, value]) => ({ kind: 'map', key, value }) as ValueType),
    tie('type').map((type) => ({ kind: 'option', type }) as ValueType),
    fc
      .array(tie('type'), { minLength: 1, maxLength: 5 })
      .map((types) => ({ kind: 'tuple', types }) as ValueType),
    fc.array(tie('type'), { minLength: 1, maxLength: 6 }).map(
      (types) =>
        ({
          kind: 'record',
          fields: types.map((type, index) => ({ name: `f-${'abcdef'[index]}x`, type })),
        }) as ValueType,
    ),
    fc.array(fc.option(tie('type'), { nil: null }), { minLength: 1, maxLength: 5 }).map(
      (types) =>
        ({
          kind: 'variant',
          cases: types.map((type, index) => ({ name: `c-${'abcdef'[index]}x`, type })),
        }) as ValueType,
    ),
    fc
      .tuple(fc.option(tie('type'), { nil: null }), fc.option(tie('type'), { nil: null }))
      .map(([ok, error]) => ({ kind: 'result', ok, error }) as ValueType),
  ),
})).type

const camel = (name: string): string =>
  name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
const wellFormed = fc.string({ unit: 'binary', maxLength: 40 })

/** Any value of `type`, boundaries first. */
export function arbitraryValue(type: ValueType): fc.Arbitrary<unknown> {
  const int = (min: number, max: number): fc.Arbitrary<number> =>
    fc.oneof(fc.constantFrom(min, max, 0), fc.integer({ min, max }))
  switch (type.kind) {
    case 'bool':
      return fc.boolean()
    case 'u8':
      return int(0, 255)
    case 's8':
      return int(-128, 127)
    case 'u16':
      return int(0, 65_535)
    case 's16':
      return int(-32_768, 32_767)
    case 'u32':
      return int(0, 4_294_967_295)
    case 's32':
      return int(-2_147_483_648, 2_147_483_647)
    case 'u64':
      return fc.oneof(
        fc.constantFrom(0n, 2n ** 64n - 1n, 2n ** 63n),
        fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      )
    case 's64':
      return fc.oneof(
        fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n),
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      )
    case 'f32':
      return fc.float()
    case 'f64':
      return fc.double()
    case 'char':
      return fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })
    case 'string':
      return fc.oneof(wellFormed, fc.string({ unit: 'binary-ascii', maxLength: 80 }))
    case 'list': {
      const { length } = type
      const size = length === undefined ? {} : { minLength: length, maxLength: length }
      if (type.element.kind === 'u8') return fc.uint8Array({ maxLength: 30, ...size })
      return fc.array(arbitraryValue(type.element), { maxLength: 4, ...size })
    }
    case 'map':
      return fc
        .array(fc.tuple(arbitraryValue(type.key), arbitraryValue(type.value)), { maxLength: 4 })
        .map((pairs) => new Map(pairs))
    case 'tuple':
      return fc.tuple(...type.types.map(arbitraryValue))
    case 'record':
      return fc
        .tuple(...type.fields.map((field) => arbitraryValue(field.type)))
        .map((values) =>
          Object.fromEntries(type.fields.map((field, index) => [camel(field.name), values[index]])),
        )
    case 'flags':
      return fc
        .tuple(...type.names.map(() => fc.boolean()))
        .map((values) =>
          Object.fromEntries(type.names.map((name, index) => [camel(name), values[index]])),
        )
    case 'enum':
      return fc.constantFrom(...type.names)
    case 'option':
      if (type.type.kind === 'option') {
        return fc.oneof(
          fc.constant({ tag: 'none' }),
          arbitraryValue(type.type).map((val) => ({ tag: 'some', val })),
        )
      }
      return fc.option(arbitraryValue(type.type), { nil: undefined })
    case 'result':
      return fc.oneof(
        (type.ok ? arbitraryValue(type.ok) : fc.constant(undefined)).map((val) => ({
          tag: 'ok',
          val,
        })),
        (type.error ? arbitraryValue(type.error) : fc.constant(undefined)).map((val) => ({
          tag: 'err',
          val,
        })),
      )
    case 'variant':
      return fc.oneof(
        ...type.cases.map((one) =>
          one.type === null
            ? fc.constant({ tag: one.name } as unknown)
            : arbitraryValue(one.type).map((val) => ({ tag: one.name, val }) as unknown),
        ),
      )
    default:
      throw new TypeError(`no values of ${type.kind}`)
  }
}
