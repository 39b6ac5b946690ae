import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'flags that the type does not have',
  tries: 'to smuggle bits to the other side',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '$t',
      named: '(flags "a" "b")',
      flat: 'i32',
      attacker: '(call $take (i32.const 0xfffffff1))',
      taker: '(if (i32.ne (local.get 0) (i32.const 1)) (then unreachable))',
    }),
  },
  must: { kind: 'returned' },

  defence: { file: 'packages/component/src/abi/lift.ts', what: 'each flag is one bit' },
}
