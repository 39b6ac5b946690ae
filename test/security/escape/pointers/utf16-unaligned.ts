import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a UTF-16 string at an odd pointer',
  tries: 'to have code units read across their boundaries',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 1) (i32.const 1))',
      encoding: 'utf16',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'not aligned' },

  defence: { file: 'packages/component/src/abi/strings.ts', what: 'UTF-16 is aligned to two' },
}
