import { Component } from '@morphee/component'
import { describe, expect, test } from 'vitest'
import { TypeCensus, typesOfProcess } from '../src/core/type-census.ts'
// By path: the tests of a lower layer use the builder without the package depending on a higher one.
import { buildModule, ComponentBuilder } from '../../testing/src/wasm/index.ts'

const MAGIC = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
const ONE_TYPE = [1, 4, 1, 0x60, 0, 0]

function leb(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  return [...bytes, rest]
}

/** A component whose core module is `before` and a section of `count` items that are all the same. */
function many(
  id: number,
  item: readonly number[],
  count: number,
  before: readonly number[],
): Uint8Array {
  const start = leb(count)
  const body = new Uint8Array(start.length + item.length * count)
  body.set(start)
  for (let i = 0; i < count; i++) body.set(item, start.length + i * item.length)
  const head = [...MAGIC, ...before, id, ...leb(body.length)]
  const core = new Uint8Array(head.length + body.length)
  core.set(head)
  core.set(body, head.length)
  const outer = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 1, ...leb(core.length)]
  const bytes = new Uint8Array(outer.length + core.length)
  bytes.set(outer)
  bytes.set(core, outer.length)
  return bytes
}

describe('Component.compile() looks at how many items a core module has before it reads them:', () => {
  for (const [what, id, item, count, before] of [
    ['types', 1, [0x60, 0, 0], 10_001, []],
    ['groups of types', 1, [0x4e, 0], 10_001, []],
    ['types of one group', 1, [0x4e, ...leb(10_001), ...Array<number>(30_003).fill(0)], 1, []],
    ['types of several groups', 1, [0x4e, 2, 0x60, 0, 0, 0x60, 0, 0], 5_001, []],
    ['functions', 3, [0], 1_000_001, ONE_TYPE],
    ['memories', 5, [0, 0], 10_001, []],
    ['tables', 4, [0x70, 0, 0], 10_001, []],
    ['globals', 6, [0x7f, 0, 0x41, 0, 0x0b], 1_000_001, []],
    ['tags', 13, [0, 0], 10_001, ONE_TYPE],
  ] as const) {
    test(what, async () => {
      await expect(Component.compile(many(id, item, count, before))).rejects.toMatchObject({
        code: 'ERR_COMPONENT_LIMIT',
        details: { limit: expect.stringContaining('core module') },
      })
    })
  }

  test('functions of all modules together', async () => {
    const module = many(3, [0], 900_000, ONE_TYPE).subarray(8)
    const all = new Uint8Array(8 + 3 * module.length)
    all.set([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0])
    for (let i = 0; i < 3; i++) all.set(module, 8 + i * module.length)
    await expect(Component.compile(all)).rejects.toMatchObject({
      code: 'ERR_COMPONENT_LIMIT',
      details: { limit: 'items of all core modules' },
    })
  })

  test('parameters of a function', async () => {
    const item = [0x60, ...leb(1_001), ...Array<number>(1_001).fill(0x7f), 0]
    await expect(Component.compile(many(1, item, 1, []))).rejects.toThrowCode('ERR_COMPONENT_LIMIT')
  })
})

describe('function types, of which V8 keeps every one and ends the process at two million,', () => {
  const type = (...params: string[]): { params: string[]; results: string[] } => ({
    params,
    results: [],
  })
  const plain = (
    ...types: { params: string[]; results: string[] }[]
  ): Parameters<TypeCensus['admit']>[0] => ({ types, plainTypes: true })

  test('are counted once each, over all modules', () => {
    const census = new TypeCensus(2)
    for (let i = 0; i < 10; i++) census.admit(plain(type('i32'), type('i64'), type('i32')), `m${i}`)
    expect(() => census.admit(plain(type('f32')), 'other')).toThrowCode('ERR_COMPONENT_LIMIT')
    // What is known goes on.
    census.admit(plain(type('i64')), 'again')
  })

  test('are counted by module where their spelling does not tell them apart', () => {
    const census = new TypeCensus(5)
    const grouped = { types: [type('i32'), type('i32')], plainTypes: false }
    census.admit(grouped, 'a')
    census.admit(grouped, 'a')
    census.admit(grouped, 'b')
    expect(() => census.admit(grouped, 'c')).toThrowCode('ERR_COMPONENT_LIMIT')
  })

  test('are not remembered by a text as long as a stranger likes', () => {
    const census = new TypeCensus(1)
    const long = plain(type(...Array<string>(1_000).fill('i32')))
    census.admit(long, 'a')
    expect(() => census.admit(long, 'b')).toThrowCode('ERR_COMPONENT_LIMIT')
  })

  test('are refused before they are compiled when the process has too many; others still compile', async () => {
    const component = (params: ('i32' | 'f64')[]): Uint8Array => {
      const c = new ComponentBuilder()
      c.module(buildModule({ funcs: [{ params, body: [] }] }))
      return c.build()
    }
    const known = component(['f64', 'i32'])
    await Component.compile(known)
    for (let serial = 0; ; serial++) {
      try {
        typesOfProcess.admit(plain(type(`made-up-${serial}`)), '')
      } catch {
        break
      }
    }
    await expect(Component.compile(component(['f64', 'f64', 'i32', 'f64']))).rejects.toThrowCode(
      'ERR_COMPONENT_LIMIT',
    )
    await Component.compile(known)
  })
})
