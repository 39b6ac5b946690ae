import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'memory grown until it is refused',
  tries: 'to take the memory of the machine',
  guest: {
    kind: 'component',
    wat: alone(`(memory 1) (func (export "run")
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))
      (if (i32.gt_u (memory.size) (i32.const 64)) (then unreachable)))))`),
    limits: { memoryPages: 64 },
  },
  must: { kind: 'returned' },

  defence: { file: 'packages/component/src/core/cap.ts', what: 'growth ends at the limit' },
}
