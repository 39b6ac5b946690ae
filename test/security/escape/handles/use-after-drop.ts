import type { Attack } from '../attack.ts'
import { holding } from '../wat.ts'

export const attack: Attack = {
  name: 'a resource used after it was dropped',
  tries: 'to reach what is freed, or what came in its place',
  guest: {
    kind: 'component',
    wat: holding(
      '(local.set $h (call $make)) (call $drop (local.get $h)) (call $use (local.get $h))',
    ),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'unknown handle' },

  defence: {
    file: 'packages/component/src/run/handles.ts',
    what: 'a dropped handle is gone from the table',
  },
}
