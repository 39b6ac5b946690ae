import type { Attack } from '../attack.ts'
import { receiving } from '../wat.ts'

export const attack: Attack = {
  name: 'a place for the result that ends beyond memory',
  tries: 'to have the result written behind the memory of the guest',
  guest: {
    kind: 'component',
    wat: receiving({
      type: 'string',
      give: '(i32.const 16)',
      ask: '(call $give (i32.const 65532))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/adapter.ts',
    what: 'the place for a result is checked before it is written',
  },
}
