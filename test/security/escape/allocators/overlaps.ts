import type { Attack } from '../attack.ts'
import { crossing, words } from '../wat.ts'

export const attack: Attack = {
  name: 'an allocator that gives the same memory every time',
  tries: 'to have the host write over its own list of pointers, and follow them',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(list string)',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 3))',
      fields: `(data (i32.const 16) "${words(40, 8, 40, 8, 40, 8)}abcdefgh")`,
      takerRealloc:
        '(func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))',
      taker: `(local $at i32)
        (local.set $at (i32.const 1048))
        (loop $next (if (i32.load8_u (local.get $at)) (then unreachable))
          (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (i32.const 65536))))`,
    }),
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/abi/lower.ts',
    what: 'what is written lies in what was asked for, whatever was written over',
  },
}
