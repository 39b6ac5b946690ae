import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'small integers with bits beyond their width',
  tries: 'to smuggle bits to the other side, or an index beyond a bound',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(tuple u8 s8 u16 s16)',
      flat: 'i32 i32 i32 i32',
      attacker:
        '(call $take (i32.const 0x1ff) (i32.const 0x180) (i32.const 0x1ffff) (i32.const 0x18000))',
      taker: `
        (if (i32.ne (local.get 0) (i32.const 0xff)) (then unreachable))
        (if (i32.ne (local.get 1) (i32.const -128)) (then unreachable))
        (if (i32.ne (local.get 2) (i32.const 0xffff)) (then unreachable))
        (if (i32.ne (local.get 3) (i32.const -32768)) (then unreachable))`,
    }),
  },
  must: { kind: 'returned' },

  defence: { file: 'packages/component/src/abi/lift.ts', what: 'integers are cut to their width' },
}
