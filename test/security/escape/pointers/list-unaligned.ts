import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a list of numbers at a pointer that is not aligned',
  tries: 'to have numbers read across their boundaries',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(list u64)',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 4) (i32.const 1))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'not aligned' },

  defence: {
    file: 'packages/component/src/abi/context.ts',
    what: 'pointers are aligned to the type they point to',
  },
}
