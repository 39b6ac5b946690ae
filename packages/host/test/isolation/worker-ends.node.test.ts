// Guests that V8 alone would not end: terminate() waits for code that never looks whether it is to stop.
import { digestOf } from '@morphee/core'
import { describe, expect, it } from 'vitest'
import { parseWat } from '../../../component/test/toolchain.ts'
import { compileGuest, SHARED_INTERRUPTION } from '../../src/contract/compile-guest.ts'
import type { InvokeMessage } from '../../src/node/isolation/protocol.ts'
import { createWorkerCells } from '../../src/node/worker/worker-cell.ts'

// Long, without a call and without a loop.
const STRAIGHT = `${'(local.set 1 (i32.rem_u (i32.add (local.get 1) (i32.const 0x7fffffff)) (i32.or (local.get 0) (i32.const 1))))'.repeat(10_000)} (i32.store (i32.const 0) (local.get 1))`

/** Start functions that are never over, or not for longer than a test may take. */
const ENDLESS: Readonly<Record<string, string>> = {
  'tail calls': '(func $a (return_call $b)) (func $b (return_call $a)) (start $a)',
  'tail calls through a table':
    '(type $t (func)) (table funcref (elem $a)) (func $a (return_call_indirect (type $t) (i32.const 0))) (start $a)',
  'tail calls through a reference':
    '(type $t (func)) (global $g (mut (ref null $t)) (ref.null $t)) (elem declare func $a) (func $a (return_call_ref $t (global.get $g))) (func $s (global.set $g (ref.func $a)) (call $a)) (start $s)',
  'thousands of fills behind each other': `(memory 1000) (func $s ${'(memory.fill (i32.const 0) (i32.const 1) (i32.const 65536000))'.repeat(5000)}) (start $s)`,
  // Both are called until V8 has optimised them: then it looks neither at the entry of the one nor at the head of the other's loop.
  'a loop that V8 sees to end, of calls that make none': `(memory 1)
    (func $leaf (param i32) (local i32) ${STRAIGHT})
    (func $counted (param i32) (local i32)
      (if (i32.eqz (local.get 0)) (then (return)))
      (loop $l (if (i32.lt_s (local.get 1) (i32.const 4900)) (then
        ${'(call $leaf (i32.const 1))'.repeat(80)}
        (local.set 1 (i32.add (local.get 1) (i32.const 1))) (br $l)))))
    (func $s (local i32)
      (loop $l (call $leaf (i32.const 1)) (call $counted (i32.const 0))
        (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 20000))))
      (call $counted (i32.const 1))) (start $s)`,
}

const CALL: InvokeMessage = {
  kind: 'invoke',
  lease: 1,
  digest: '',
  invocation: 'inv_1',
  caller: 'person',
  locale: 'en',
  timeZone: 'UTC',
  action: 'run',
  input: '{}',
  config: [],
  remainingMs: 60_000,
  outputBytes: 1000,
  logLines: 1,
  logLineBytes: 100,
}
const LIMITS = { maxMemoryBytes: 128 * 1024 * 1024, maxHandles: 10 }

describe('a worker is ended in the middle of a guest', () => {
  for (const [what, core] of Object.entries(ENDLESS)) {
    it(`of ${what}`, async () => {
      const bytes = (await parseWat(
        `(component (core module $m ${core}) (core instance (instantiate $m)))`,
      )) as Uint8Array<ArrayBuffer>
      const { modules } = await compileGuest(bytes, undefined, LIMITS, SHARED_INTERRUPTION)
      const digest = await digestOf(bytes)
      const said: string[] = []
      const cell = createWorkerCells().open({
        onMessage: ({ kind }) => said.push(kind),
        onDeath: () => said.push('died'),
      })
      await cell.ready
      cell.post({ kind: 'code', code: { digest, bytes, modules, limits: LIMITS } }, 60_000)
      cell.post({ ...CALL, digest }, 60_000)
      await new Promise((resolve) => setTimeout(resolve, what.includes('V8') ? 2500 : 500))
      expect(said).toEqual(['ready'])
      // Settles when the thread is gone.
      await cell.kill()
    }, 12_000)
  }
})
