import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a list of numbers that ends beyond its memory',
  tries: 'to read what lies behind the memory of the guest',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(list u64)',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 65528) (i32.const 2))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: { file: 'packages/component/src/abi/lift.ts', what: 'the bounds of a list are checked' },
}
