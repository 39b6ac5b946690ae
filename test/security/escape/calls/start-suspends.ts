import type { Attack } from '../attack.ts'
import { pausing } from '../wat.ts'

export const attack: Attack = {
  name: 'a start function that calls what suspends',
  tries: 'to sleep where there is no call to come back to',
  guest: { kind: 'component', wat: pausing('(start $pause) (func (export "run"))') },
  must: { kind: 'trapped', reason: 'suspend' },
  // A worker and a process ask the host and wait, so that nothing has to sleep: a start function may ask too.
  mustInHost: { kind: 'returned' },
  mustAt: { thread: { kind: 'trapped', reason: 'suspend' } },
  defence: {
    file: 'packages/component/src/abi/trap.ts',
    what: 'a guest sleeps only where nothing of the host is on its stack, and what V8 throws otherwise is a trap',
  },
}
