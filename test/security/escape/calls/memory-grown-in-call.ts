import type { Attack } from '../attack.ts'
import { receiving, words } from '../wat.ts'

export const attack: Attack = {
  name: 'a result in memory that was grown in the call',
  tries: 'to have it read through the view of before',
  guest: {
    kind: 'component',
    wat: receiving({
      type: '(list string)',
      giverFields: `(data (i32.const 16) "${words(70_000, 1)}")`,
      give: `
        (drop (memory.grow (i32.const 1)))
        (memory.copy (i32.const 70000) (i32.const 80) (i32.const 8)) (i32.const 16)`,
      ask: '(drop (memory.grow (i32.const 1))) (call $give (i32.const 70000)) (if (i32.ne (i32.load (i32.const 70004)) (i32.const 1)) (then unreachable))',
    }),
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/abi/context.ts',
    what: 'views are renewed before a result is read or written',
  },
}
