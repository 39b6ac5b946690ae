import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'an empty string at a pointer beyond its memory',
  tries: 'to make a pointer that nobody may hold look checked',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const -1) (i32.const 0))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/strings.ts',
    what: 'an empty string is checked like any other',
  },
}
