import type { Attack } from '../attack.ts'
import { holding } from '../wat.ts'

export const attack: Attack = {
  name: 'the handle -1',
  tries: 'to reach in front of the table',
  guest: { kind: 'component', wat: holding('(drop (call $make)) (call $use (i32.const -1))') },
  must: { kind: 'trapped', reason: 'abi', saying: 'unknown handle' },

  defence: {
    file: 'packages/component/src/run/handles.ts',
    what: 'only handles in the table of the caller count',
  },
}
