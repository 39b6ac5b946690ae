import type { Attack } from '../attack.ts'
import { holding } from '../wat.ts'

export const attack: Attack = {
  name: 'handles made without end',
  tries: 'to fill the memory of the host with its table',
  guest: {
    kind: 'component',
    wat: holding('(loop $l (drop (call $make)) (br $l))'),
    limits: { handles: 500 },
  },
  must: { kind: 'trapped', reason: 'limit', saying: 'handles' },

  defence: {
    file: 'packages/component/src/run/handles.ts',
    what: 'the number of live handles is bounded',
  },
}
