import type { Attack } from '../attack.ts'
import { holding } from '../wat.ts'

export const attack: Attack = {
  name: 'the same handle given away twice in one call',
  tries: 'to have two owners of one resource',
  guest: {
    kind: 'component',
    wat: holding('(local.set $h (call $make)) (call $both (local.get $h) (local.get $h))'),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'unknown handle' },

  defence: {
    file: 'packages/component/src/run/handles.ts',
    what: 'a handle is gone at the moment it is given away',
  },
}
