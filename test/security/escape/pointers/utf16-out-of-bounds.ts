import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a UTF-16 string that ends beyond its memory',
  tries: 'to read twice as much as its length says',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 65532) (i32.const 3))',
      encoding: 'utf16',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/strings.ts',
    what: 'the bounds of a UTF-16 string are checked in bytes',
  },
}
