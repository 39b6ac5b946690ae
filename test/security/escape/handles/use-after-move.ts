import type { Attack } from '../attack.ts'
import { holding } from '../wat.ts'

export const attack: Attack = {
  name: 'a resource used after it was given away',
  tries: 'to share what it no longer owns',
  guest: {
    kind: 'component',
    wat: holding(
      '(local.set $h (call $make)) (call $eat (local.get $h)) (call $use (local.get $h))',
    ),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'unknown handle' },

  defence: {
    file: 'packages/component/src/run/handles.ts',
    what: 'a handle that is given away is gone from the table',
  },
}
