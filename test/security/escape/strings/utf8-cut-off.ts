import type { Attack } from '../attack.ts'
import { crossing, bytes } from '../wat.ts'

export const attack: Attack = {
  name: 'a UTF-8 sequence that is cut off by the end of its string',
  tries: 'to have the byte behind the string read',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 3))',
      fields: `(data (i32.const 16) "${bytes(0x61, 0xe2, 0x82)}")`,
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'utf-8' },

  defence: { file: 'packages/component/src/abi/strings.ts', what: 'UTF-8 is decoded strictly' },
}
