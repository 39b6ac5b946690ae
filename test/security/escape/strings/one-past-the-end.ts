import type { Attack } from '../attack.ts'
import { crossing, bytes } from '../wat.ts'

export const attack: Attack = {
  name: 'strings for which the allocator has one byte too little, in UTF-8 of three lengths',
  tries: 'to have the last byte of a transcoded string written behind memory',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      encoding: 'utf16',
      takerEncoding: 'utf8',
      fields: `(data (i32.const 16) "${bytes(0x61, 0, 0xe9, 0, 0xac, 0x20)}")`,
      attacker: '(call $take (i32.const 16) (i32.const 3))',
      takerRealloc: `(func (export "realloc") (param i32 i32 i32 i32) (result i32)
        (i32.sub (i32.const 65537) (local.get 3)))`,
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/context.ts',
    what: 'the size of what is written is what was asked for, in bytes',
  },
}
