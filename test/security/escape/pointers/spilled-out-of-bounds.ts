import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'parameters in memory that end beyond it',
  tries: 'to have parameters read from behind the memory of the guest',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(tuple u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32)',
      flat: 'i32',
      attacker: '(call $take (i32.const 65532))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/adapter.ts',
    what: 'the area of spilled parameters is checked',
  },
}
