import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'four thousand functions that return one after the other, each with a millisecond of code behind its call',
  tries: 'to run where there is neither a loop nor the entry of a function',
  guest: {
    kind: 'component',
    wat: alone(
      `(table 1 funcref) (elem declare func $f)
       (func $f (param i32)
         (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))
         ${'(table.set (i32.const 0) (ref.func $f))'.repeat(5000)})
       (func (export "run") (call $f (i32.const 4000)))`,
    ),
    limits: { cpuMs: 500 },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'cpu-time' },
  notAt: { engine: 'nothing bounds the time of a bare instance; its embedder has to' },
  defence: {
    file: 'packages/component/src/core/insert-checks.ts',
    what: 'code that goes straight on for long is checked',
  },
}
