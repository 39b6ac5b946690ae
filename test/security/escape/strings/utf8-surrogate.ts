import type { Attack } from '../attack.ts'
import { crossing, bytes } from '../wat.ts'

export const attack: Attack = {
  name: 'a surrogate encoded in UTF-8',
  tries: 'to have text made that cannot be encoded again',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 3))',
      fields: `(data (i32.const 16) "${bytes(0xed, 0xa0, 0x80)}")`,
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'utf-8' },

  defence: { file: 'packages/component/src/abi/strings.ts', what: 'UTF-8 is decoded strictly' },
}
