import { describe, expect, test } from 'vitest'
import { parseWat } from '../toolchain.ts'
import { around, aroundFunc, verdictOf } from './verdict.ts'

const MEMORY = '(memory $mem)'
const REALLOC = '(memory $mem) (realloc $realloc)'
const VALID: readonly (readonly [canon: string, signature: string, feature: string])[] = [
  ['(canon backpressure.inc)', '', 'async'],
  ['(canon backpressure.dec)', '', 'async'],
  ['(canon task.cancel)', '', 'async'],
  ['(canon task.return)', '', 'async'],
  ['(canon task.return (result u64))', '(param i64)', 'async'],
  [`(canon task.return (result string) ${MEMORY})`, '(param i32 i32)', 'async'],
  ['(canon context.get i32 0)', '(result i32)', 'async'],
  ['(canon context.set i32 1)', '(param i32)', 'async'],
  ['(canon context.get i64 0)', '(result i64)', 'memory64'],
  ['(canon subtask.cancel)', '(param i32) (result i32)', 'async'],
  ['(canon subtask.cancel async)', '(param i32) (result i32)', 'async'],
  ['(canon subtask.drop)', '(param i32)', 'async'],
  ['(canon stream.new $bytes)', '(result i64)', 'async'],
  ['(canon stream.read $ticks)', '(param i32 i32 i32) (result i32)', 'async'],
  [`(canon stream.read $bytes async ${MEMORY})`, '(param i32 i32 i32) (result i32)', 'async'],
  [`(canon stream.read $texts async ${REALLOC})`, '(param i32 i32 i32) (result i32)', 'async'],
  [`(canon stream.write $texts async ${MEMORY})`, '(param i32 i32 i32) (result i32)', 'async'],
  ['(canon stream.cancel-read $bytes)', '(param i32) (result i32)', 'async'],
  ['(canon stream.cancel-write $bytes async)', '(param i32) (result i32)', 'async'],
  ['(canon stream.drop-readable $bytes)', '(param i32)', 'async'],
  ['(canon stream.drop-writable $bytes)', '(param i32)', 'async'],
  ['(canon future.new $byte)', '(result i64)', 'async'],
  [`(canon future.read $text ${REALLOC})`, '(param i32 i32) (result i32)', 'async'],
  [`(canon future.write $text ${MEMORY})`, '(param i32 i32) (result i32)', 'async'],
  ['(canon future.cancel-read $byte async)', '(param i32) (result i32)', 'async'],
  ['(canon future.cancel-write $byte)', '(param i32) (result i32)', 'async'],
  ['(canon future.drop-readable $byte)', '(param i32)', 'async'],
  ['(canon future.drop-writable $byte)', '(param i32)', 'async'],
  [`(canon error-context.new ${MEMORY})`, '(param i32 i32) (result i32)', 'error-context'],
  [`(canon error-context.debug-message ${REALLOC})`, '(param i32 i32)', 'error-context'],
  ['(canon error-context.drop)', '(param i32)', 'error-context'],
  ['(canon waitable-set.new)', '(result i32)', 'async'],
  [`(canon waitable-set.wait ${MEMORY})`, '(param i32 i32) (result i32)', 'async'],
  [`(canon waitable-set.poll ${MEMORY})`, '(param i32 i32) (result i32)', 'async'],
  ['(canon waitable-set.drop)', '(param i32)', 'async'],
  ['(canon waitable.join)', '(param i32 i32)', 'async'],
  ['(canon thread.yield)', '(result i32)', 'async'],
  ['(canon thread.index)', '(result i32)', 'threads'],
  [
    '(canon thread.new-indirect $start (core table $table))',
    '(param i32 i32) (result i32)',
    'threads',
  ],
  ['(canon thread.suspend)', '(result i32)', 'threads'],
]

/** Bytes of a component whose only sections are a stream or future type, and one canonical definition. */
function bare(type: number, ...canon: readonly number[]): Uint8Array {
  const types = [0x07, 4, 1, type, 1, 0x7d]
  const canons = [0x08, canon.length + 1, 1, ...canon]
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, ...types, ...canons])
}
/** Bytes of a component whose only sections are a core type for the start of a thread, and one canonical definition. */
function spawning(...canon: readonly number[]): Uint8Array {
  const types = [0x03, 5, 1, 0x60, 1, 0x7f, 0]
  const canons = [0x08, canon.length + 1, 1, ...canon]
  return Uint8Array.from([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, ...types, ...canons])
}
const STREAM = 0x66
const FUTURE = 0x65

describe('canonical built-ins', () => {
  for (const [canon, signature, feature] of VALID) {
    test(`${canon} is a core function ${signature || 'of nothing'}, refused by name`, async () => {
      expect(await verdictOf(aroundFunc(canon, signature))).toBe(`needs ${feature}`)
      // Another signature is invalid, so the one above is what it has.
      const other = signature === '(param f32)' ? '' : '(param f32)'
      expect(await verdictOf(aroundFunc(canon, other))).toMatch(/expected func type/)
    })
  }

  const newer: readonly (readonly [string, Uint8Array, string])[] = [
    ['stream.forward', bare(STREAM, 0x2e, 0), 'needs async'],
    ['future.forward', bare(FUTURE, 0x2f, 0), 'needs async'],
    ['stream.forward of a future', bare(FUTURE, 0x2e, 0), 'requires a stream type'],
    ['future.forward of a stream', bare(STREAM, 0x2f, 0), 'requires a future type'],
    ['thread.resume-later', bare(STREAM, 0x28), 'needs threads'],
    ['thread.suspend-then-resume', bare(STREAM, 0x2a, 0), 'needs threads'],
    ['thread.yield-then-resume', bare(STREAM, 0x2b, 0), 'needs threads'],
    ['thread.suspend-then-promote', bare(STREAM, 0x2c, 0), 'needs threads'],
    ['thread.yield-then-promote', bare(STREAM, 0x2d, 0), 'needs threads'],
    ['thread.available-parallelism', bare(STREAM, 0x42, 0), 'needs shared-everything-threads'],
    ['thread.spawn-ref of no type', bare(STREAM, 0x40, 0, 0), 'out of bounds'],
    ['thread.spawn-ref', spawning(0x40, 0, 0), 'needs shared-everything-threads'],
    ['thread.spawn-ref of a shared type', spawning(0x40, 1, 0), 'spawn type must be shared'],
    ['thread.spawn-indirect without a table', spawning(0x41, 0, 0, 0), 'out of bounds'],
    ['the byte that was once cancellable', bare(STREAM, 0x0c, 1), 'malformed: '],
    ['a flag that is neither', bare(STREAM, 0x06, 2), 'malformed: '],
    ['an unknown opcode', bare(STREAM, 0x30), 'unknown canonical function'],
    ['subtask.cancel without its flag', bare(STREAM, 0x06), 'malformed: '],
  ]
  for (const [what, bytes, expected] of newer) {
    test(`${what}: ${expected}`, async () => {
      expect(await verdictOf(bytes)).toContain(expected)
    })
  }

  const invalid: readonly (readonly [canon: string, why: string])[] = [
    ['(canon task.return (result string))', 'memory is required'],
    [`(canon task.return (result u32) ${REALLOC})`, 'realloc cannot be specified on task.return'],
    ['(canon task.return (result u32) async)', 'async cannot be specified on task.return'],
    ['(canon task.return (result $borrowed))', 'cannot contain a borrow'],
    ['(canon task.return (result u32) (post-return $takes))', 'cannot be specified for lowerings'],
    ['(canon context.get f32 0)', 'only supports i32 or i64'],
    ['(canon context.set i32 2)', 'must be zero or one'],
    ['(canon stream.new $byte)', 'stream.new requires a stream type'],
    ['(canon stream.new $r)', 'not a defined type'],
    ['(canon future.new $bytes)', 'future.new requires a future type'],
    ['(canon stream.drop-readable $byte)', 'stream.drop-readable requires a stream type'],
    ['(canon future.cancel-read $bytes)', 'future.cancel-read requires a future type'],
    ['(canon stream.read $bytes async)', 'memory is required'],
    [`(canon stream.read $texts async ${MEMORY})`, 'realloc is required'],
    ['(canon stream.write $texts async)', 'memory is required'],
    ['(canon future.read $byte async)', 'memory is required'],
    [`(canon stream.read $bytes async (callback $callback) ${MEMORY})`, 'callback cannot be'],
    ['(canon error-context.new)', 'memory is required'],
    [`(canon error-context.new async ${MEMORY})`, 'async cannot be specified'],
    [`(canon error-context.debug-message ${MEMORY})`, 'realloc is required'],
    ['(canon waitable-set.wait (memory 9))', 'out of bounds'],
    ['(canon thread.new-indirect $start (core table $others))', 'a table of funcref'],
    ['(canon thread.new-indirect $module (core table $table))', 'expected a core function type'],
    ['(canon thread.new-indirect 9 (core table $table))', 'out of bounds'],
  ]
  for (const [canon, why] of invalid) {
    test(`${canon} is invalid: ${why}`, async () => {
      const verdict = await verdictOf(around(`(core func ${canon})`))
      expect(verdict).toMatch(/^invalid: /)
      expect(verdict).toContain(why)
    })
  }

  test('thread.new-indirect starts functions of one i32 only', async () => {
    const body =
      '(core type $two (func (param i32 i32))) (core func (canon thread.new-indirect $two (core table $table)))'
    expect(await verdictOf(around(body))).toContain('takes an i32 and gives nothing')
  })

  test('the context of a component has one type', async () => {
    const body = '(core func (canon context.get i32 0)) (core func (canon context.set i64 0))'
    expect(await verdictOf(around(body))).toContain('must match previous context type')
  })

  test('what is invalid is said before what is unsupported, in code too', async () => {
    expect(
      await verdictOf(around('(core func (canon backpressure.inc)) (export "x" (func 7))')),
    ).toMatch(/^invalid: .*out of bounds/)
    const bad = '(core module (func (result i32)))'
    expect(await verdictOf(around(`(core func (canon backpressure.inc)) ${bad}`))).toMatch(
      /^invalid: /,
    )
    expect(await verdictOf(`(component ${bad})`)).toMatch(/^invalid: /)
  })

  test('the refusal names the offset of the definition that needs the feature', async () => {
    const bytes = await parseWat('(component (core func (canon backpressure.inc)))')
    expect(await verdictOf(bytes)).toBe('needs async')
    const { Component } = await import('@morphee/component')
    await expect(Component.compile(bytes)).rejects.toMatchObject({
      code: 'ERR_COMPONENT_UNSUPPORTED',
      details: { feature: 'async', offset: 11 },
    })
  })
})
