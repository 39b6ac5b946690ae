import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'an allocator that moves out of memory when a string turns out to be longer',
  tries: 'to have only the first answer checked',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      encoding: 'latin1+utf16',
      takerEncoding: 'utf8',
      fields: '(data (i32.const 16) "\\e9\\e9\\e9")',
      attacker: '(call $take (i32.const 16) (i32.const 3))',
      takerRealloc: `
        (func (export "realloc") (param i32 i32 i32 i32) (result i32)
          (if (result i32) (local.get 0) (then (i32.const 65533)) (else (i32.const 1024))))`,
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/context.ts',
    what: 'every answer of realloc is checked',
  },
}
