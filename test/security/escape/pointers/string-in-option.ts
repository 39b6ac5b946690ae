import type { Attack } from '../attack.ts'
import { crossing, words } from '../wat.ts'

export const attack: Attack = {
  name: 'a list of options, one with a string outside of memory',
  tries: 'to hide a bad pointer in the payload of a case',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(list (option string))',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 2))',
      fields: `(data (i32.const 16) "${words(0, 0, 0, 1, 0xffff_0000, 9)}")`,
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/strings.ts',
    what: 'payloads are checked like any value',
  },
}
