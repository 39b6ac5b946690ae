import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a variant with the case -1',
  tries: 'to index in front of the list of cases',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '$t',
      named: '(variant (case "a" u32) (case "b" f64))',
      flat: 'i32 i64',
      attacker: '(call $take (i32.const -1) (i64.const 0))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'discriminant' },

  defence: {
    file: 'packages/component/src/abi/lift.ts',
    what: 'the discriminant of a flattened case is checked',
  },
}
