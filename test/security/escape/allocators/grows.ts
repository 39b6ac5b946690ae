import type { Attack } from '../attack.ts'
import { crossing, words, REALLOC } from '../wat.ts'

export const attack: Attack = {
  name: 'an allocator that grows its memory at every call',
  tries: 'to have the host write through a view of memory that is gone',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(list string)',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 3))',
      fields: `(data (i32.const 16) "${words(40, 3, 43, 3, 46, 3)}abcdefghi")`,
      takerRealloc: `${REALLOC.replace('(local $at i32)', '(local $at i32) (drop (memory.grow (i32.const 1)))')}`,
      taker: `
        (if (i32.ne (local.get 1) (i32.const 3)) (then unreachable))
        (if (i32.ne (i32.load8_u (i32.load (local.get 0))) (i32.const 97)) (then unreachable))
        (if (i32.ne (i32.load8_u offset=2 (i32.load offset=16 (local.get 0))) (i32.const 105)) (then unreachable))`,
    }),
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/abi/context.ts',
    what: 'views are renewed after every realloc',
  },
}
