import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a list of 70 MB of bytes',
  tries: 'to have the host copy as much as it likes, again and again',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(list u8)',
      flat: 'i32 i32',
      pages: 1100,
      attacker: '(call $take (i32.const 0) (i32.const 70000000))',
    }),
  },
  must: { kind: 'trapped', reason: 'limit', saying: 'bytes crossed' },

  defence: {
    file: 'packages/component/src/abi/lift.ts',
    what: 'the bytes of a list are counted before they are copied',
  },
}
