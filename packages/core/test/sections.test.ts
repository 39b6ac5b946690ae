import {
  COMPONENT_PREAMBLE,
  concatBytes,
  readSections,
  readU32,
  wasmLayer,
  WasmSectionError,
  writeU32,
} from '@morphee/core'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'

const section = (id: number, bytes: Uint8Array): Uint8Array =>
  concatBytes([Uint8Array.of(id), writeU32(bytes.length), bytes])

it('writeU32() and readU32() round-trip, at any place', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.integer({ min: 0, max: 5 }),
      (value, at) => {
        const bytes = concatBytes([new Uint8Array(at), writeU32(value)])
        expect(readU32(bytes, at)).toEqual({ value, next: bytes.length })
      },
    ),
  )
})

it('readU32() refuses numbers that are cut off or larger than 32 bits, with their offset', () => {
  for (const bytes of [
    [0x80],
    [0xff, 0xff, 0xff, 0xff, 0x1f],
    [0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
    [],
  ]) {
    expect(() => readU32(Uint8Array.from([0, ...bytes]), 1)).toThrow(WasmSectionError)
  }
})

it('readSections() gives each section as it stands', () => {
  const bytes = concatBytes([
    COMPONENT_PREAMBLE,
    section(0, Uint8Array.of(1, 2)),
    section(7, new Uint8Array(200)),
  ])
  expect(
    [...readSections(bytes)].map(({ id, offset, bytes: content }) => [id, offset, content.length]),
  ).toEqual([
    [0, 8, 2],
    [7, 12, 200],
  ])
})

it('readSections() gives sections or a WasmSectionError for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (tail, withPreamble) => {
      const bytes = withPreamble ? concatBytes([COMPONENT_PREAMBLE, tail]) : tail
      try {
        for (const { bytes: content } of readSections(bytes))
          expect(content.length).toBeLessThanOrEqual(bytes.length)
      } catch (error) {
        expect(error).toBeInstanceOf(WasmSectionError)
      }
    }),
  )
})

it('wasmLayer() tells modules from components, and both from everything else', () => {
  expect(wasmLayer(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))).toBe('module')
  expect(wasmLayer(COMPONENT_PREAMBLE)).toBe('component')
  for (const bytes of [
    [],
    [0, 0x61, 0x73, 0x6d],
    [0, 0x61, 0x73, 0x6d, 0x0c, 0, 1, 0],
    [0x7f, 0x45, 0x4c, 0x46, 1, 0, 0, 0],
  ]) {
    expect(wasmLayer(Uint8Array.from(bytes))).toBeUndefined()
  }
})
