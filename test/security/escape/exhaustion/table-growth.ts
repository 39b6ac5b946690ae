import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'a table grown until it is refused',
  tries: 'to take the memory of the machine by references',
  guest: {
    kind: 'component',
    wat: alone(`(table 1 funcref) (func (export "run")
    (loop $more (if (i32.gt_u (table.size) (i32.const 1000000)) (then unreachable))
      (br_if $more (i32.ne (table.grow 0 (ref.null func) (i32.const 100000)) (i32.const -1)))))`),
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/core/cap.ts',
    what: 'growth of tables ends at the limit',
  },
}
