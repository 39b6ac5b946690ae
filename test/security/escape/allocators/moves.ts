import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'an allocator that moves a string that turns out to be longer',
  tries: 'to be left with the first half in the old place',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      encoding: 'latin1+utf16',
      takerEncoding: 'utf8',
      fields: '(data (i32.const 16) "a\\e9\\e9\\e9")',
      attacker: '(call $take (i32.const 16) (i32.const 4))',
      taker: `
        (if (i32.ne (local.get 1) (i32.const 7)) (then unreachable))
        (if (i64.ne (i64.and (i64.load (local.get 0)) (i64.const 0xffffffffffffff)) (i64.const 0xa9c3a9c3a9c361)) (then unreachable))`,
    }),
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/abi/strings.ts',
    what: 'what is left goes where the second realloc says',
  },
}
