import type { Attack } from '../attack.ts'
import { crossing, words } from '../wat.ts'

export const attack: Attack = {
  name: 'a type of seventeen core values, sixteen of them unaligned',
  tries: 'to have parameters passed where a pointer belongs',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(tuple u8 u64 u8 u64 u8 u64 u8 u64 u8 u64 u8 u64 u8 u64 u8 u64 u8)',
      flat: 'i32',
      attacker: '(call $take (i32.const 16))',
      fields: `(data (i32.const 16) "${words(1)}")`,
      taker:
        '(if (i32.rem_u (local.get 0) (i32.const 8)) (then unreachable)) (if (i32.ne (i32.load (local.get 0)) (i32.const 1)) (then unreachable))',
    }),
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/types/val-type.ts',
    what: 'more than sixteen core values travel through memory',
  },
}
