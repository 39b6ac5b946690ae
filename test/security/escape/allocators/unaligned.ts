import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'an allocator that gives an address that is not aligned',
  tries: 'to have numbers written across the boundaries of others',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(list u64)',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 1))',
      takerRealloc: `(func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1028))`,
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'not aligned' },

  defence: { file: 'packages/component/src/abi/context.ts', what: 'what realloc gives is aligned' },
}
