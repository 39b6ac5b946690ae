import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'an allocator that throws an exception',
  tries: 'to have it caught by the sender, who goes on with half a call',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: 'try (call $take (i32.const 16) (i32.const 5)) catch_all end',
      takerRealloc: `(tag $t) (func (export "realloc") (param i32 i32 i32 i32) (result i32) (throw $t))`,
    }),
  },
  must: { kind: 'trapped', reason: 'uncaught-exception' },

  defence: {
    file: 'packages/component/src/run/func.ts',
    what: 'nothing thrown on the far side comes through a call',
  },
}
