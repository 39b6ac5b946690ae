import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a boolean that is neither 0 nor 1',
  tries: 'to be true on one side and something else on the other',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'bool',
      flat: 'i32',
      attacker: '(call $take (i32.const 0x100))',
      taker: '(if (i32.ne (local.get 0) (i32.const 1)) (then unreachable))',
    }),
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/abi/lift.ts',
    what: 'any other number than 0 is true, and true is 1',
  },
}
