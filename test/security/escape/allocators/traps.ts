import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'an allocator that traps',
  tries: 'to leave the one who called it half-way',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: 'try (call $take (i32.const 16) (i32.const 5)) catch_all end',
      takerRealloc: `(func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)`,
    }),
  },
  must: { kind: 'trapped', reason: 'unreachable' },

  defence: {
    file: 'packages/component/src/run/func.ts',
    what: 'a trap behind a call ends both sides',
  },
}
