import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'a loop that is only left to by a table of branches',
  tries: 'to have it overlooked',
  guest: {
    kind: 'component',
    wat: alone(
      '(func (export "run") (local $n i32) (loop $l (block $b (br_table $l $l $l (local.get $n)))))',
    ),
    limits: { cpuMs: 500 },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'cpu-time' },
  notAt: { engine: 'nothing bounds the time of a bare instance; its embedder has to' },
  defence: {
    file: 'packages/component/src/core/insert-checks.ts',
    what: 'the head of every loop that is branched to is checked',
  },
}
