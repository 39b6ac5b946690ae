import type { Attack } from '../attack.ts'
import { crossing, words } from '../wat.ts'

export const attack: Attack = {
  name: 'a case that the type does not have, in memory',
  tries: 'to have a payload read as what it is not',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(list (option u32))',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 1))',
      fields: `(data (i32.const 16) "${words(7, 1)}")`,
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'discriminant' },

  defence: {
    file: 'packages/component/src/abi/lift.ts',
    what: 'the discriminant of a case in memory is checked',
  },
}
