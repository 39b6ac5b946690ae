import type { Attack } from '../attack.ts'
import { receiving } from '../wat.ts'

export const attack: Attack = {
  name: 'a returned pointer that is not aligned',
  tries: 'to have a result read across the boundaries of its parts',
  guest: {
    kind: 'component',
    wat: receiving({
      type: '(tuple u64 u64)',
      give: '(i32.const 4)',
      ask: '(call $give (i32.const 16))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'not aligned' },

  defence: {
    file: 'packages/component/src/abi/adapter.ts',
    what: 'the returned pointer is aligned',
  },
}
