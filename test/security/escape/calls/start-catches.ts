import type { Attack } from '../attack.ts'
import { pausing } from '../wat.ts'

export const attack: Attack = {
  name: 'a start function that swallows that it cannot sleep',
  tries: 'to go on half-way through a host call',
  guest: {
    kind: 'component',
    wat: pausing(
      '(global $g (mut i32) (i32.const 0)) (func $s try (call $pause) (global.set $g (i32.const 1)) catch_all end) (start $s) (func (export "run") (if (global.get $g) (then unreachable)))',
    ),
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/run/suspension.ts',
    what: 'a call that could not sleep has not happened',
  },
}
