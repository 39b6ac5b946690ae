import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'an enum case that the type does not have',
  tries: 'to hand over a name that is not in the list',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '$t',
      named: '(enum "a" "b")',
      flat: 'i32',
      attacker: '(call $take (i32.const 2))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'discriminant' },

  defence: { file: 'packages/component/src/abi/lift.ts', what: 'enum cases are checked' },
}
