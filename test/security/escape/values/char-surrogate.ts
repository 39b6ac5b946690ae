import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a character that is half of a surrogate pair',
  tries: 'to have text made that cannot be encoded',
  guest: {
    kind: 'component',
    wat: crossing({ type: 'char', flat: 'i32', attacker: '(call $take (i32.const 0xd800))' }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'invalid char' },

  defence: { file: 'packages/component/src/abi/lift.ts', what: 'characters are scalar values' },
}
