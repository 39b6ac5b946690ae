import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a UTF-16 string of 2 GiB code units',
  tries: 'to have its length in bytes wrap to two',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 0) (i32.const 0x80000001))',
      encoding: 'utf16',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out-of-bounds' },

  defence: {
    file: 'packages/component/src/abi/strings.ts',
    what: 'the bytes of UTF-16 are bounded before they wrap',
  },
}
