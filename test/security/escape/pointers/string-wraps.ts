import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a string whose end wraps around 32 bits',
  tries: 'to pass a check that adds pointer and length in 32 bits',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const -8) (i32.const 16))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/context.ts',
    what: 'pointer and length are added without wrapping',
  },
}
