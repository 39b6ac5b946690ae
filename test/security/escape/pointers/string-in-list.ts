import type { Attack } from '../attack.ts'
import { crossing, words } from '../wat.ts'

export const attack: Attack = {
  name: 'a list whose second string lies outside of memory',
  tries: 'to hide a bad pointer behind a good one',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(list string)',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 2))',
      fields: `(data (i32.const 16) "${words(0, 4, 65_530, 100)}")`,
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/strings.ts',
    what: 'every string in a list is checked',
  },
}
