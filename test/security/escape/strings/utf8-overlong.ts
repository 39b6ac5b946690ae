import type { Attack } from '../attack.ts'
import { crossing, bytes } from '../wat.ts'

export const attack: Attack = {
  name: 'an overlong encoding of a slash in UTF-8',
  tries: 'to get a character past whoever looks at bytes',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 2))',
      fields: `(data (i32.const 16) "${bytes(0xc0, 0xaf)}")`,
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'utf-8' },

  defence: { file: 'packages/component/src/abi/strings.ts', what: 'UTF-8 is decoded strictly' },
}
