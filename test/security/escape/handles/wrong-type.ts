import type { Attack } from '../attack.ts'
import { holding } from '../wat.ts'

export const attack: Attack = {
  name: 'a handle of another type',
  tries: 'to have one resource taken for another',
  guest: { kind: 'component', wat: holding('(call $use (call $other))') },
  must: { kind: 'trapped', reason: 'abi', saying: 'wrong type' },

  defence: { file: 'packages/component/src/run/handles.ts', what: 'a handle knows its type' },
}
