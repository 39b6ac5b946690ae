import type { Attack } from '../attack.ts'
import { receiving } from '../wat.ts'

export const attack: Attack = {
  name: 'a returned pointer to a result beyond memory',
  tries: 'to have a result read from behind the memory of the guest',
  guest: {
    kind: 'component',
    wat: receiving({
      type: '(tuple u64 u64)',
      give: '(i32.const 65528)',
      ask: '(call $give (i32.const 16))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/adapter.ts',
    what: 'the returned pointer is checked',
  },
}
