import type { Attack } from '../attack.ts'
import { receiving } from '../wat.ts'

export const attack: Attack = {
  name: 'a trap in post-return',
  tries: 'to end after the result was taken, and not be noticed',
  guest: {
    kind: 'component',
    wat: receiving({
      type: 'string',
      give: '(i32.const 16)',
      ask: '(call $give (i32.const 16))',
      postReturn: 'unreachable',
    }),
  },
  must: { kind: 'trapped', reason: 'unreachable' },

  defence: { file: 'packages/component/src/run/func.ts', what: 'post-return is part of the call' },
}
