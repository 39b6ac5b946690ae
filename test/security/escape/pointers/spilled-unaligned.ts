import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'parameters in memory at a pointer that is not aligned',
  tries: 'to have parameters read across their boundaries',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(tuple u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32 u32)',
      flat: 'i32',
      attacker: '(call $take (i32.const 2))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'not aligned' },

  defence: {
    file: 'packages/component/src/abi/adapter.ts',
    what: 'the area of spilled parameters is aligned',
  },
}
