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
    file: 'packages/component/src/run/func.ts',
    what: 'what fails at the end of the stack ends the guest, which may swallow it once',
  },
}
