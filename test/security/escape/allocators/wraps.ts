import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'an allocator that gives the last address of 32 bits',
  tries: 'to have pointer and size wrap to the beginning',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 5))',
      takerRealloc: `(func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const -2))`,
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/context.ts',
    what: 'what realloc gives is added up without wrapping',
  },
}
