import type { Attack } from '../attack.ts'
import { pausing } from '../wat.ts'

export const attack: Attack = {
  name: 'recursion without end on a stack that can sleep',
  tries: 'to crash the host by a second stack',
  guest: {
    kind: 'component',
    wat: pausing('(func $r (call $r)) (func (export "run") (call $pause) (call $r))'),
  },
  must: { kind: 'trapped', reason: 'stack-overflow' },

  defence: {
    file: 'packages/component/src/abi/trap.ts',
    what: 'the end of a second stack is a trap too',
  },
}
