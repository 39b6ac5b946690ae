import type { Attack } from '../attack.ts'
import { holding } from '../wat.ts'

export const attack: Attack = {
  name: 'a handle lent and given away in one call',
  tries: 'to have it freed while it is borrowed',
  guest: {
    kind: 'component',
    wat: holding('(local.set $h (call $make)) (call $two (local.get $h) (local.get $h))'),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'while borrowed' },

  defence: {
    file: 'packages/component/src/run/handles.ts',
    what: 'what is lent cannot be given away',
  },
}
