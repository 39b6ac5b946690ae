import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a string in memory that was grown just before the call',
  tries: 'to have it read through the view of before',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      fields: '(data (i32.const 16) "abc")',
      attacker: `
        (call $take (i32.const 16) (i32.const 3))
        (drop (memory.grow (i32.const 1)))
        (memory.copy (i32.const 70000) (i32.const 16) (i32.const 3))
        (call $take (i32.const 70000) (i32.const 3))`,
      taker: '(if (i32.ne (i32.load8_u (local.get 0)) (i32.const 97)) (then unreachable))',
    }),
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/abi/context.ts',
    what: 'views are renewed at the beginning of a lift',
  },
}
