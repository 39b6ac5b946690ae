import { Component } from '@morphee/component'
import { describe, expect, test } from 'vitest'

const PREAMBLE = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0]
const CORE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]
}
function name(index: number): number[] {
  const text = `p${index.toString(36)}`
  return [text.length, ...new TextEncoder().encode(text)]
}
function section(id: number, body: readonly number[]): number[] {
  return [id, ...leb(body.length), ...body]
}
function many(count: number, item: (index: number) => readonly number[]): number[] {
  return [...leb(count), ...Array.from({ length: count }, (_, index) => item(index)).flat()]
}

const COUNT = 4000
const U8 = 0x7d
const wideFunc = [0x40, ...many(COUNT, (index) => [...name(index), U8]), 1, 0]
const wideRecord = [0x72, ...many(COUNT, (index) => [...name(index), U8])]
const types = (...list: readonly (readonly number[])[]): number[] =>
  section(7, [list.length, ...list.flat()])
const oneImport = section(10, [1, 0, 1, 0x66, 1, 0])
const memory = [
  ...section(1, [...CORE, ...section(5, [1, 0, 1]), ...section(7, [1, 1, 0x6d, 2, 0])]),
  ...section(2, [1, 0, 0, 0]),
  ...section(6, [1, 0, 2, 1, 0, 1, 0x6d]),
]

/** Some ten kilobytes each, that would be tens of millions of steps. */
const ATTACKS: Readonly<Record<string, readonly number[]>> = {
  'many imports of a function with many parameters': [
    ...types(wideFunc),
    ...section(
      10,
      many(COUNT, (index) => [0, ...name(index), 1, 0]),
    ),
  ],
  'many exports of it': [
    ...types(wideFunc),
    ...oneImport,
    ...section(
      11,
      many(COUNT, (index) => [0, ...name(index), 1, 0, 0]),
    ),
  ],
  'many lowers of it': [
    ...memory,
    ...types(wideFunc),
    ...oneImport,
    ...section(
      8,
      many(COUNT, () => [1, 0, 0, 1, 3, 0]),
    ),
  ],
  'many names for a record with many fields': [
    ...types(wideRecord),
    ...section(
      10,
      many(COUNT, (index) => [0, ...name(index), 3, 0, 0]),
    ),
  ],
  'many imports of an instance with many resources': [
    ...types([0x42, ...many(COUNT, (index) => [4, 0, ...name(index), 3, 1])]),
    ...section(
      10,
      many(50, (index) => [0, ...name(index), 5, 0]),
    ),
  ],
  'instances beside many types that each of them could use': [
    ...types(
      [0x42, 0],
      [
        0x42,
        ...many(2 * COUNT + 1, (index) => {
          if (index < COUNT) return [4, 0, ...name(index), 3, 1]
          return index === COUNT ? [2, 3, 2, 1, 0] : [4, 0, ...name(index), 5, ...leb(COUNT)]
        }),
      ],
    ),
    ...section(10, [1, 0, 1, 0x69, 5, 1]),
  ],
}

describe('Component.compile()', () => {
  for (const [attack, body] of Object.entries(ATTACKS)) {
    test(`bounds the work for ${attack}`, async () => {
      await expect(
        Component.compile(Uint8Array.from([...PREAMBLE, ...body])),
      ).rejects.toMatchObject({
        code: 'ERR_COMPONENT_LIMIT',
        details: { limit: 'validation steps' },
      })
    })
  }
})
