import { Component, InterruptionFlag } from '@morphee/component'
import { describe, expect, test } from 'vitest'
import { rewriteModule } from '../src/core/rewrite.ts'
import { readModule } from './fuzz/observe.ts'
import { parseWat } from './toolchain.ts'

const SHARE = { tableElements: 1000 }

const rewrite = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  rewriteModule(bytes, readModule(bytes), SHARE, 'flag') as Uint8Array<ArrayBuffer>

/** The component around a core module, whatever its bytes. */
function componentOf(core: Uint8Array): Uint8Array {
  const size = [core.length]
  for (let at = 0; (size[at] as number) >= 128; at++) {
    size.push((size[at] as number) >> 7)
    size[at] = ((size[at] as number) & 0x7f) | 0x80
  }
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 1, ...size, ...core])
}

const compile = (core: Uint8Array): Promise<Component> =>
  Component.compile(componentOf(core), { interruption: 'flag' })

/** `(module (memory 1)? (func body))`, without asking whether it is valid. */
function moduleOf(memories: number, body: readonly number[]): Uint8Array {
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
    ...(memories > 0
      ? [5, 1 + 2 * memories, memories, ...Array(memories).fill([0, 1]).flat()]
      : []),
    ...[10, body.length + 4, 1, body.length + 2, 0, ...body, 0x0b],
  )
}

describe('a guest that reaches for the memory of the engine', () => {
  for (const [what, memories, body] of [
    ['stores without a memory', 0, [0x41, 0, 0x41, 0, 0x36, 2, 0]],
    ['loads from memory 1 of one', 1, [0x41, 0, 0x28, 0x42, 1, 0, 0x1a]],
    ['stores to memory 2 of two', 2, [0x41, 0, 0x41, 0, 0x36, 0x42, 2, 0]],
    ['fills memory 1 of one', 1, [0x41, 0, 0x41, 0, 0x41, 4, 0xfc, 11, 1]],
    ['copies into memory 1 of one', 1, [0x41, 0, 0x41, 0, 0x41, 4, 0xfc, 10, 1, 0]],
    ['asks for the size of memory 1 of one', 1, [0x3f, 1, 0x1a]],
    ['grows memory 1 of one', 1, [0x41, 1, 0x40, 1, 0x1a]],
  ] as const) {
    test(`and ${what} is refused as it is`, async () => {
      const core = moduleOf(memories, body)
      // The attack would work: rewriting alone makes it valid.
      expect(WebAssembly.validate(core as BufferSource)).toBe(false)
      expect(WebAssembly.validate(rewrite(core))).toBe(true)
      await expect(compile(core)).rejects.toThrowCode('ERR_COMPONENT_INVALID')
    })
  }

  test('by an import of its name is refused', async () => {
    const core = await parseWat('(module (import "morphee:rewriter" "interruption" (memory 1)))')
    expect(() => rewrite(core)).toThrow(/engine's own/)
  })

  test('finds nothing of it among exports', async () => {
    const core = await parseWat(
      '(module (memory (export "m") 1) (func (export "f") (loop $l (br $l))))',
    )
    const module = new WebAssembly.Module(rewrite(core))
    expect(WebAssembly.Module.exports(module)).toEqual(
      WebAssembly.Module.exports(new WebAssembly.Module(core as BufferSource)),
    )
  })
})

describe('rewriteModule() refuses by name', () => {
  for (const [what, feature, text] of [
    ['a struct', 'gc', '(module (type (struct (field i32))))'],
    ['an i31', 'gc', '(module (func (drop (ref.i31 (i32.const 1)))))'],
    [
      'an atomic access',
      'threads',
      '(module (memory 1) (func (drop (i32.atomic.load (i32.const 0)))))',
    ],
    ['a shared memory', 'threads', '(module (memory 1 1 shared))'],
    ['a 64-bit memory', 'memory64', '(module (memory i64 1))'],
    ['pages of another size', 'custom-page-sizes', '(module (memory 1 (pagesize 1)))'],
    ['a table of exceptions', 'exceptions', '(module (table 1 exnref))'],
    ['a global with an exception', 'exceptions', '(module (global (mut exnref) (ref.null exn)))'],
    ['an exception in an exception', 'exceptions', '(module (tag (param exnref)))'],
    ['an exception with 17 values', 'exceptions', `(module (tag (param ${'i64 '.repeat(17)})))`],
  ] as const) {
    test(`${what}: ${feature}`, async () => {
      const core = await parseWat(text)
      expect(() => rewrite(core)).toThrowCode('ERR_COMPONENT_UNSUPPORTED')
      expect(() => rewrite(core)).toThrow(new RegExp(`${feature}.*byte [1-9]`))
    })
  }
})

describe('where checks are', () => {
  const CHECK = [0x41, 0, 0x28, 0x42, 0, 0, 0x04, 0x40, 0, 0x0b].join()
  const checksIn = async (text: string): Promise<number> =>
    [...rewrite(await parseWat(text))].join().split(CHECK).length - 1

  for (const [what, count, text] of [
    [
      'none in a function that ends',
      0,
      '(module (func (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))',
    ],
    ['none in a loop that is never branched to', 0, '(module (func (loop (nop))))'],
    [
      'none where small functions call each other once',
      0,
      '(module (func (call 1) (call 1)) (func (call 2)) (func))',
    ],
    [
      'none where a function panics',
      0,
      '(module (import "a" "b" (func)) (func (if (i32.const 1) (then (call 0) unreachable))))',
    ],
    [
      'one where it catches, too',
      1,
      '(module (import "a" "b" (func)) (func (block (try_table (catch_all 0) (call 0) unreachable))))',
    ],
    ['one in a loop', 1, '(module (func (loop $l (br $l))))'],
    ['one for two calls in a row', 1, '(module (import "a" "b" (func)) (func (call 0) (call 0)))'],
    [
      'two for calls in two branches',
      2,
      '(module (import "a" "b" (func)) (func (if (i32.const 1) (then (call 0)) (else (call 0)))))',
    ],
    ['one on the way around itself', 1, '(module (func (if (i32.const 1) (then (call 0)))))'],
    [
      'one for each bulk instruction',
      2,
      '(module (table 1 funcref) (func (table.fill (i32.const 0) (ref.null func) (i32.const 1)) (drop (table.grow (ref.null func) (i32.const 1)))))',
    ],
    ['one at the entry of a long function', 1, `(module (func ${'nop '.repeat(1100)}))`],
    // 3,000 calls of 1,000 bytes each, without a loop: eight of them are free.
    [
      'some where calls add up',
      375,
      `(module (func ${'nop '.repeat(1000)}) (func ${'(call 0) '.repeat(3000)}))`,
    ],
    // One for itself, one for the call, and four on the way back, of 8 KiB each.
    [
      'some behind a call that long code follows',
      6,
      `(module (func (if (i32.const 1) (then (call 0))) ${'nop '.repeat(37_000)}))`,
    ],
    [
      'some between slow instructions',
      2,
      `(module (table 1 externref) (func ${'(drop (table.get (i32.const 0))) '.repeat(150)}))`,
    ],
  ] as const) {
    test(what, async () => expect(await checksIn(text)).toBe(count))
  }
})

describe('where checks are for a thread that can be ended', () => {
  const rewritten = async (text: string): Promise<Uint8Array | undefined> => {
    const bytes = await parseWat(text)
    return rewriteModule(bytes, readModule(bytes), SHARE, 'termination')
  }
  const CHECK = [0x28, 0x42, 0, 0, 0x04, 0x40, 0, 0x0b].join()

  for (const [what, text] of [
    ['nothing', '(module)'],
    ['loops that are never branched to', '(module (func (loop (nop))))'],
    ['calls of itself', '(module (func (call 0) (call 0)))'],
  ] as const) {
    test(`none in a module of ${what}, which stays as it is`, async () => {
      expect(await rewritten(text)).toBe(undefined)
    })
  }

  test('one in front of a loop, whose head V8 takes for its own', async () => {
    const loop = [0x03, 0x40, 0x0c, 0, 0x0b]
    expect([...((await rewritten('(module (func (loop $l (br $l))))')) ?? [])].join()).toContain(
      `${CHECK},${loop.join()}`,
    )
  })

  test('one in the head of a loop whose pass is long', async () => {
    const text = `(module (func (loop $l ${'nop '.repeat(1100)} (br $l))))`
    expect([...((await rewritten(text)) ?? [])].join()).toContain(`3,64,65,0,${CHECK},1`)
  })

  test('some in code that goes straight on', async () => {
    const checked = (await rewritten(`(module (func ${'nop '.repeat(20_000)}))`)) ?? []
    expect([...checked].join().split(CHECK)).toHaveLength(3)
  })

  for (const [what, text] of [
    ['return_call', '(func (return_call 0))'],
    [
      'return_call_indirect',
      '(table 1 funcref) (type $t (func)) (func (return_call_indirect (type $t) (i32.const 0)))',
    ],
    ['return_call_ref', '(type $t (func)) (func (return_call_ref $t (ref.null $t)))'],
    [
      'table.copy',
      '(table 1 funcref) (func (table.copy (i32.const 0) (i32.const 0) (i32.const 1)))',
    ],
    ['memory.grow', '(memory 1) (func (drop (memory.grow (i32.const 1))))'],
  ] as const) {
    test(`one in front of ${what}`, async () => {
      const checked = (await rewritten(`(module ${text})`)) as BufferSource & Uint8Array
      expect(WebAssembly.validate(checked)).toBe(true)
      const memory = text.includes('(memory') ? CHECK.replace(',0,0,4', ',1,0,4') : CHECK
      expect([...checked].join().split(memory)).toHaveLength(2)
    })
  }
})

test('a flag of one page is all that an instance adds', async () => {
  const flag = new InterruptionFlag()
  expect(flag.buffer).toBeInstanceOf(SharedArrayBuffer)
  expect(flag.buffer.byteLength).toBe(65_536)
  flag.raise()
  expect(flag.raised).toBe(true)
  flag.clear()
  expect(flag.raised).toBe(false)
})
