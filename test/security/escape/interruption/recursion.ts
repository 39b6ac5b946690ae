import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'a recursion that is never deep and never over',
  tries: 'to run for ever without a loop',
  guest: {
    kind: 'component',
    wat: alone(
      '(func $fib (param i32) (result i32) (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (i32.const 1)) (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2))))))) (func (export "run") (drop (call $fib (i32.const 90))))',
    ),
    limits: { cpuMs: 500 },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'cpu-time' },
  notAt: { engine: 'nothing bounds the time of a bare instance; its embedder has to' },
  defence: {
    file: 'packages/component/src/core/insert-checks.ts',
    what: 'calls that are not over soon are checked',
  },
}
