import { createCodec } from '@morphee/component'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arbitraryType, arbitraryValue } from './arbitrary-values.ts'

const typed = fc
  .array(arbitraryType, { maxLength: 4 })
  .chain((types) => fc.tuple(fc.constant(types), fc.tuple(...types.map(arbitraryValue))))

test('createCodec() gives back what it encoded, for any types and values', () => {
  fc.assert(
    fc.property(typed, ([types, values]) => {
      const codec = createCodec(types)
      const bytes = codec.encode(values)
      expect(codec.decode(bytes)).toEqual(values)
      expect(codec.encode(codec.decode(bytes))).toEqual(bytes)
    }),
  )
})

test('createCodec() decodes mutated bytes to a value or a coded error', () => {
  fc.assert(
    fc.property(
      typed,
      fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
      fc.nat(),
      ([types, values], edits, cut) => {
        const codec = createCodec(types)
        const bytes = codec.encode(values)
        for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte
        const mutated = bytes.subarray(
          0,
          bytes.length - (cut % 3 === 0 ? cut % (bytes.length + 1) : 0),
        )
        try {
          codec.decode(mutated)
        } catch (error) {
          expect(error).toHaveProperty('code', 'ERR_COMPONENT_VALUE_MALFORMED')
        }
      },
    ),
  )
})

test('codec.decode() refuses a list that claims more elements than it has bytes, before it allocates', () => {
  const codec = createCodec([{ kind: 'list', element: { kind: 'u64' } }])
  expect(() => codec.decode(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f))).toThrowCode(
    'ERR_COMPONENT_VALUE_MALFORMED',
  )
})

test('codec.decode() refuses bytes left over', () => {
  expect(() => createCodec([{ kind: 'u8' }]).decode(Uint8Array.of(1, 2))).toThrowCode(
    'ERR_COMPONENT_VALUE_MALFORMED',
  )
})

test('codec.encode() refuses a value of another type', () => {
  const codec = createCodec([
    { kind: 'record', fields: [{ name: 'constructor', type: { kind: 'string' } }] },
  ])
  expect(() => codec.encode([{}])).toThrow(TypeError)
  expect(() => codec.encode([{ constructor: 1 }])).toThrow(TypeError)
})

test('codec.encode() has one encoding of NaN, whatever payload it came with', () => {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setBigUint64(0, 0x7fff_dead_beef_0001n)
  const codec = createCodec([{ kind: 'f32' }, { kind: 'f64' }])
  const odd = bits.getFloat64(0)
  expect(codec.encode([odd, odd])).toEqual(codec.encode([Number.NaN, Number.NaN]))
})

test('codec.decode() refuses a map that has a key twice', () => {
  const codec = createCodec([{ kind: 'map', key: { kind: 'u8' }, value: { kind: 'u8' } }])
  expect(codec.decode(Uint8Array.of(2, 1, 10, 2, 20))).toEqual([
    new Map([
      [1, 10],
      [2, 20],
    ]),
  ])
  expect(() => codec.decode(Uint8Array.of(2, 1, 10, 1, 20))).toThrowCode(
    'ERR_COMPONENT_VALUE_MALFORMED',
  )
})

test('codec.decode() refuses a fixed list that is cut off', () => {
  for (const element of [{ kind: 'u8' }, { kind: 'u16' }] as const) {
    const codec = createCodec([{ kind: 'list', element, length: 1_000_000 }])
    expect(() => codec.decode(Uint8Array.of(1, 2, 3))).toThrowCode('ERR_COMPONENT_VALUE_MALFORMED')
  }
})
