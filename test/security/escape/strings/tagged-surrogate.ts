import type { Attack } from '../attack.ts'
import { crossing, bytes } from '../wat.ts'

export const attack: Attack = {
  name: 'a lone surrogate in the UTF-16 of latin1+utf16',
  tries: 'to get past the check by the other way in',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 0x80000001))',
      fields: `(data (i32.const 16) "${bytes(0x00, 0xd8)}")`,
      encoding: 'latin1+utf16',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'surrogate' },

  defence: {
    file: 'packages/component/src/abi/strings.ts',
    what: 'tagged strings are decoded as strictly as UTF-16',
  },
}
