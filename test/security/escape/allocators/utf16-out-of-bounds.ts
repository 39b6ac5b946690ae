import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'an allocator with room for half of a UTF-16 string',
  tries: 'to have the second half written behind the memory',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 5))',
      takerRealloc: `(func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 65530))`,
      takerEncoding: 'utf16',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/context.ts',
    what: 'what realloc gives is checked against the size that was asked for',
  },
}
