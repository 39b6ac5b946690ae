import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a wrong byte at the end of a long ASCII string',
  tries: 'to be taken for ASCII after its beginning',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker:
        '(memory.fill (i32.const 0) (i32.const 97) (i32.const 5000)) (i32.store8 (i32.const 4999) (i32.const 0xff)) (call $take (i32.const 0) (i32.const 5000))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'utf-8' },

  defence: { file: 'packages/component/src/abi/strings.ts', what: 'UTF-8 is decoded strictly' },
}
