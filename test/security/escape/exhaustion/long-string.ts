import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a string of 70 MB',
  tries: 'to have the host decode as much as it likes',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      pages: 1100,
      attacker: '(call $take (i32.const 0) (i32.const 70000000))',
    }),
  },
  must: { kind: 'trapped', reason: 'limit', saying: 'bytes crossed' },

  defence: {
    file: 'packages/component/src/abi/strings.ts',
    what: 'the bytes of a string are counted before it is decoded',
  },
}
