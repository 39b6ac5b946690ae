import type { Attack } from '../attack.ts'
import { receiving } from '../wat.ts'

export const attack: Attack = {
  name: 'a place for the result that is not aligned',
  tries: 'to have the result written across the boundaries of others',
  guest: {
    kind: 'component',
    wat: receiving({ type: 'string', give: '(i32.const 16)', ask: '(call $give (i32.const 2))' }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'not aligned' },

  defence: {
    file: 'packages/component/src/abi/adapter.ts',
    what: 'the place for a result is aligned',
  },
}
