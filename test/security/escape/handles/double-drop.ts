import type { Attack } from '../attack.ts'
import { holding } from '../wat.ts'

export const attack: Attack = {
  name: 'a resource dropped twice',
  tries: 'to have its destructor run twice',
  guest: {
    kind: 'component',
    wat: holding(
      '(local.set $h (call $make)) (call $drop (local.get $h)) (call $drop (local.get $h))',
    ),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'unknown handle' },

  defence: {
    file: 'packages/component/src/run/handles.ts',
    what: 'a dropped handle is gone from the table',
  },
}
