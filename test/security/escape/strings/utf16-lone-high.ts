import type { Attack } from '../attack.ts'
import { crossing, bytes } from '../wat.ts'

export const attack: Attack = {
  name: 'a lone high surrogate in UTF-16',
  tries: 'to have text made that cannot be encoded',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 2))',
      fields: `(data (i32.const 16) "${bytes(0x3d, 0xd8, 0x61, 0x00)}")`,
      encoding: 'utf16',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'surrogate' },

  defence: { file: 'packages/component/src/abi/strings.ts', what: 'UTF-16 is decoded strictly' },
}
