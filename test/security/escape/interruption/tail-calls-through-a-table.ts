import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'a function that ends by calling itself through a table',
  tries: 'to run for ever where nobody sees who is called',
  guest: {
    kind: 'component',
    wat: alone(
      '(type $t (func)) (table funcref (elem $a)) (func $a (return_call_indirect (type $t) (i32.const 0))) (func (export "run") (call $a))',
    ),
    limits: { cpuMs: 500 },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'cpu-time' },
  notAt: { engine: 'nothing bounds the time of a bare instance; its embedder has to' },
  defence: {
    file: 'packages/component/src/core/insert-checks.ts',
    what: 'calls that are not over soon are checked, those through tables too',
  },
}
