import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'an element segment that begins behind its table',
  tries: 'to have references written behind a table',
  guest: {
    kind: 'component',
    wat: alone('(table 1 funcref) (elem (i32.const 1) func $f) (func $f) (func (export "run"))'),
  },
  must: { kind: 'trapped', reason: 'table-out-of-bounds' },

  defence: {
    file: 'packages/component/src/abi/trap.ts',
    what: 'a segment that does not fit is a trap at the beginning',
  },
}
