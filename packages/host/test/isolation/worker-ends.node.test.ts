// Guests that V8 alone would not end: terminate() waits for code that never looks whether it is to stop.
import { digestOf } from '@morphee/core'
import { describe, expect, it } from 'vitest'
import { parseWat } from '../../../component/test/toolchain.ts'
import { compileGuest, SHARED_INTERRUPTION } from '../../src/contract/compile-guest.ts'
import type { InvokeMessage } from '../../src/node/isolation/protocol.ts'
import { createWorkerCells } from '../../src/node/worker/worker-cell.ts'

/** Start functions that are never over, or not for minutes. */
const ENDLESS: Readonly<Record<string, string>> = {
  'tail calls': '(func $a (return_call $b)) (func $b (return_call $a)) (start $a)',
  'tail calls through a table':
    '(type $t (func)) (table funcref (elem $a)) (func $a (return_call_indirect (type $t) (i32.const 0))) (start $a)',
  'tail calls through a reference':
    '(type $t (func)) (global $g (mut (ref null $t)) (ref.null $t)) (elem declare func $a) (func $a (return_call_ref $t (global.get $g))) (func $s (global.set $g (ref.func $a)) (call $a)) (start $s)',
  'thousands of fills behind each other': `(memory 1000) (func $s ${'(memory.fill (i32.const 0) (i32.const 1) (i32.const 65536000))'.repeat(5000)}) (start $s)`,
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
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect(said).toEqual(['ready'])
      // Settles when the thread is gone.
      await cell.kill()
    }, 10_000)
  }
})
