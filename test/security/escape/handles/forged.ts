import type { Attack } from '../attack.ts'
import { holding } from '../wat.ts'

export const attack: Attack = {
  name: 'a handle that was never given',
  tries: 'to reach resources by guessing',
  guest: { kind: 'component', wat: holding('(call $use (i32.const 1))') },
  must: { kind: 'trapped', reason: 'abi', saying: 'unknown handle' },

  defence: {
    file: 'packages/component/src/run/handles.ts',
    what: 'only handles in the table of the caller count',
  },
}
