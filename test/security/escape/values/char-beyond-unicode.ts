import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a character beyond Unicode',
  tries: 'to crash whoever makes text of it',
  guest: {
    kind: 'component',
    wat: crossing({ type: 'char', flat: 'i32', attacker: '(call $take (i32.const 0x110000))' }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'invalid char' },

  defence: { file: 'packages/component/src/abi/lift.ts', what: 'characters end at U+10FFFF' },
}
