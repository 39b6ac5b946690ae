import { InterruptionFlag } from '@morphee/component'
import { digestOf } from '@morphee/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { REWRITER_NAMESPACE, rewriteModule } from '../src/core/rewrite.ts'
import { readModule } from './fuzz/observe.ts'
import { parseWat } from './toolchain.ts'

const MEBIBYTE = 1 << 20
const PAGES = 64
const SIZE = PAGES * 65_536
// Both memories are imported, so that they can be one.
const TEXT = `(module (import "" "a" (memory $a ${PAGES})) (import "" "b" (memory $b ${PAGES}))
  (func (export "fill") (param i32 i32 i32) (memory.fill $a (local.get 0) (local.get 1) (local.get 2)))
  (func (export "copy") (param i32 i32 i32) (memory.copy $a $a (local.get 0) (local.get 1) (local.get 2)))
  (func (export "cross") (param i32 i32 i32) (memory.copy $a $b (local.get 0) (local.get 1) (local.get 2))))`

type Bulk = (to: number, from: number, count: number) => void
type Made = { readonly memory: WebAssembly.Memory; readonly run: Readonly<Record<string, Bulk>> }

let original: Uint8Array
beforeAll(async () => {
  original = await parseWat(TEXT)
})

/** The module with a pattern in its memory, which is one under two names; rewritten if there is a flag for it. */
function make(flag?: InterruptionFlag): Made {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES })
  const words = new Uint32Array(memory.buffer)
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 0x9e37_79b1)
  const code =
    flag === undefined
      ? original
      : rewriteModule(original, readModule(original), { tableElements: 10 }, 'flag')
  const added = flag && { [REWRITER_NAMESPACE]: { interruption: flag.memory } }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code as BufferSource), {
    '': { a: memory, b: memory },
    ...added,
  })
  return { memory, run: exports as unknown as Made['run'] }
}

async function outcomeOf({ memory, run }: Made, name: string, args: Parameters<Bulk>) {
  let trap: string | undefined
  try {
    run[name]?.(...args)
  } catch (error) {
    trap = (error as Error).message
  }
  return { trap, memory: await digestOf(new Uint8Array(memory.buffer.slice(0))) }
}

describe('memory.fill and memory.copy in pieces do what they do as a whole', () => {
  for (const [name, ...args] of [
    ['fill', 5, 0x1ff, 3],
    ['fill', 0, 7, SIZE],
    ['fill', 3, 7, MEBIBYTE],
    ['fill', 3, 7, MEBIBYTE + 1],
    ['fill', 1, 9, 2 * MEBIBYTE],
    ['fill', SIZE, 0, 0],
    ['fill', SIZE + 1, 0, 0],
    ['fill', 4, 1, SIZE],
    ['fill', -4, 1, SIZE],
    ['fill', 0, 1, -1],
    ['copy', 0, 0, SIZE],
    ['copy', 0, 1, SIZE - 1],
    ['copy', 1, 0, SIZE - 1],
    ['copy', 0, MEBIBYTE - 3, 3 * MEBIBYTE],
    ['copy', MEBIBYTE - 3, 0, 3 * MEBIBYTE],
    ['copy', 17, 4, 2 * MEBIBYTE + 5],
    ['copy', 4, 17, 2 * MEBIBYTE + 5],
    ['copy', 4, 17, MEBIBYTE],
    ['copy', 4, 0, SIZE],
    ['copy', 0, 4, SIZE],
    ['copy', 0, -4, 2 * MEBIBYTE],
    ['copy', -4, 0, 2 * MEBIBYTE],
    ['cross', 9, 2, 3 * MEBIBYTE],
    ['cross', 2, 9, 3 * MEBIBYTE],
    ['cross', 2, 9, SIZE],
  ] as const) {
    test(`${name} ${args.join(' ')}`, async () => {
      const whole = await outcomeOf(make(), name, args)
      expect(await outcomeOf(make(new InterruptionFlag()), name, args)).toEqual(whole)
    })
  }
})

describe('a flag stops', () => {
  for (const name of ['fill', 'copy', 'cross'] as const) {
    test(`${name} before it writes anything`, async () => {
      const flag = new InterruptionFlag()
      flag.raise()
      const made = make(flag)
      const before = make().memory
      expect(() => made.run[name]?.(0, 1, 3 * MEBIBYTE)).toThrow(WebAssembly.RuntimeError)
      expect(new Uint8Array(made.memory.buffer)).toEqual(new Uint8Array(before.buffer))
    })
  }

  for (const [name, checks, text] of [
    [
      'fill, between its pieces',
      2,
      '(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0))))',
    ],
    [
      'copy, between its pieces in both directions',
      3,
      '(module (memory 1) (func (memory.copy (i32.const 0) (i32.const 0) (i32.const 0))))',
    ],
    [
      'copies between the same memories in one function',
      3,
      `(module (memory 1) (func ${'(memory.copy (i32.const 0) (i32.const 0) (i32.const 0))'.repeat(9)}))`,
    ],
    [
      'copies between others in their own',
      6,
      `(module (memory 0) (memory 0) (func ${'(memory.copy 0 1 (i32.const 0) (i32.const 0) (i32.const 0)) (memory.copy 1 0 (i32.const 0) (i32.const 0) (i32.const 0))'}))`,
    ],
  ] as const) {
    test(name, async () => {
      const bytes = await parseWat(text)
      const info = readModule(bytes)
      const check = [0x41, 0, 0x28, 0x42, info.memories.length, 0, 0x04, 0x40, 0, 0x0b].join()
      for (const kind of ['flag', 'termination'] as const) {
        const code = [...(rewriteModule(bytes, info, { tableElements: 10 }, kind) ?? [])]
        expect(WebAssembly.validate(Uint8Array.from(code))).toBe(true)
        expect(code.join().split(check)).toHaveLength(checks + 1)
      }
    })
  }

  test('no more pairs of memories than a few hundred', async () => {
    const pairs = Array.from(
      { length: 400 },
      (_, n) => `(memory.copy ${n % 20} ${Math.floor(n / 20)}
      (i32.const 0) (i32.const 0) (i32.const 0))`,
    )
    const bytes = await parseWat(`(module ${'(memory 0)'.repeat(20)} (func ${pairs.join('')}))`)
    expect(() =>
      rewriteModule(bytes, readModule(bytes), { tableElements: 10 }, 'termination'),
    ).toThrowCode('ERR_COMPONENT_LIMIT')
  })
})
