import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'record fields called constructor, to-string, value-of and has-own-property',
  tries: 'to have what every object inherits taken for a value',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '$t',
      named:
        '(record (field "constructor" u32) (field "to-string" u32) (field "value-of" u32) (field "has-own-property" u32))',
      flat: 'i32 i32 i32 i32',
      attacker: '(call $take (i32.const 1) (i32.const 2) (i32.const 3) (i32.const 4))',
      taker:
        '(if (i32.ne (i32.const 1234) (i32.add (i32.mul (local.get 0) (i32.const 1000)) (i32.add (i32.mul (local.get 1) (i32.const 100)) (i32.add (i32.mul (local.get 2) (i32.const 10)) (local.get 3))))) (then unreachable))',
    }),
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/abi/lift.ts',
    what: 'a field is set on the record itself',
  },
}
