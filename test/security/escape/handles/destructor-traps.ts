import type { Attack } from '../attack.ts'
import { holding } from '../wat.ts'

export const attack: Attack = {
  name: 'a destructor that traps',
  tries: 'to leave whoever drops it half-way',
  guest: {
    kind: 'component',
    wat: holding('try (call $drop (call $make)) catch_all end', { destructor: 'unreachable' }),
  },
  must: { kind: 'trapped', reason: 'unreachable' },

  defence: {
    file: 'packages/component/src/run/instantiate.ts',
    what: 'a trap behind a call ends both sides',
  },
}
