import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'four memories, each grown until it is refused',
  tries: 'to have the limit for each instead of for all',
  guest: {
    kind: 'component',
    wat: alone(`${'(memory 1) '.repeat(4)} (func (export "run")
    ${[0, 1, 2, 3].map((n) => `(loop $m${n} (if (i32.gt_u (memory.size ${n}) (i32.const 64)) (then unreachable)) (br_if $m${n} (i32.ne (memory.grow ${n} (i32.const 1)) (i32.const -1))))`).join('\n    ')}
    (if (i32.gt_u (i32.add (i32.add (memory.size 0) (memory.size 1)) (i32.add (memory.size 2) (memory.size 3))) (i32.const 64)) (then unreachable)))`),
    limits: { memoryPages: 64 },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/core/cap.ts',
    what: 'the limit is for all memories together',
  },
}
