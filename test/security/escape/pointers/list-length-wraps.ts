import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a list whose length in bytes wraps around 32 bits',
  tries: 'to have a small check passed by a huge list',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(list u64)',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 8) (i32.const 0x20000001))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/lift.ts',
    what: 'the bytes of a list are bounded before they are multiplied into 32 bits',
  },
}
