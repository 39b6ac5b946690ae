import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a Latin-1 string that ends beyond its memory',
  tries: 'to read what lies behind the memory of the guest',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 65532) (i32.const 5))',
      encoding: 'latin1+utf16',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/strings.ts',
    what: 'the bounds of a Latin-1 string are checked',
  },
}
