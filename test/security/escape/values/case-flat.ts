import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a case that the type does not have, as a core value',
  tries: 'to have a payload read as what it is not',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(result u32 (error u32))',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 2) (i32.const 7))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'discriminant' },

  defence: {
    file: 'packages/component/src/abi/lift.ts',
    what: 'the discriminant of a flattened case is checked',
  },
}
