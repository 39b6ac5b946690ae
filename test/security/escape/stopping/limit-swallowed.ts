import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a refused value that its sender swallows',
  tries: 'to try the next until one gets through',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'char',
      flat: 'i32',
      attacker:
        '(local $c i32) (local.set $c (i32.const 0xd800)) (loop $next try (call $take (local.get $c)) catch_all end (local.set $c (i32.add (local.get $c) (i32.const 1))) (br_if $next (i32.lt_u (local.get $c) (i32.const 0xe001))))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'invalid char' },

  defence: {
    file: 'packages/component/src/run/func.ts',
    what: 'a guest is stopped by a trap, which it cannot catch',
  },
}
