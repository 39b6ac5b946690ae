import type { Attack } from '../attack.ts'
import { pausing } from '../wat.ts'

export const attack: Attack = {
  name: 'recursion that swallows the end of the stack and calls on',
  tries: 'to call out from the last frame that there is',
  guest: {
    kind: 'component',
    wat: pausing(
      '(func $r try (call $r) catch_all end (call $pause)) (func (export "run") (call $r))',
    ),
  },
  must: { kind: 'trapped', reason: 'stack-overflow' },

  defence: {
    file: 'packages/component/src/abi/trap.ts',
    what: 'the end of the stack is a trap like any other, and is not caught',
  },
}
