import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a list of four million values of 32 flags',
  tries: 'to have an object of 33 parts made from each four bytes',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(list $t)',
      named: `(flags ${Array.from({ length: 32 }, (_, n) => `"f${n}"`).join(' ')})`,
      flat: 'i32 i32',
      pages: 256,
      attacker: '(call $take (i32.const 0) (i32.const 4000000))',
    }),
  },
  must: { kind: 'trapped', reason: 'limit', saying: 'bytes crossed' },

  defence: {
    file: 'packages/component/src/abi/lift.ts',
    what: 'elements are counted by what they cost the host',
  },
}
