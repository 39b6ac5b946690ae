import type { Attack } from '../attack.ts'
import { crossing, bytes } from '../wat.ts'

export const attack: Attack = {
  name: 'a UTF-8 sequence beyond Unicode',
  tries: 'to have a character made that does not exist',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 4))',
      fields: `(data (i32.const 16) "${bytes(0xf4, 0x90, 0x80, 0x80)}")`,
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'utf-8' },

  defence: { file: 'packages/component/src/abi/strings.ts', what: 'UTF-8 is decoded strictly' },
}
