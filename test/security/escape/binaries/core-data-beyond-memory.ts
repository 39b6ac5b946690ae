import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'a data segment that begins at 4 GiB less one',
  tries: 'to have it copied behind the memory',
  guest: {
    kind: 'component',
    wat: alone('(memory 1) (data (i32.const -1) "abcd") (func (export "run"))'),
  },
  must: { kind: 'trapped', reason: 'memory-out-of-bounds' },

  defence: {
    file: 'packages/component/src/abi/trap.ts',
    what: 'a segment that does not fit is a trap at the beginning',
  },
}
