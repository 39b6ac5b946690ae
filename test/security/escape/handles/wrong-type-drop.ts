import type { Attack } from '../attack.ts'
import { holding } from '../wat.ts'

export const attack: Attack = {
  name: 'a handle dropped as another type',
  tries: 'to have the wrong destructor run',
  guest: { kind: 'component', wat: holding('(call $drop (call $other))') },
  must: { kind: 'trapped', reason: 'abi', saying: 'wrong type' },

  defence: { file: 'packages/component/src/run/handles.ts', what: 'a handle knows its type' },
}
