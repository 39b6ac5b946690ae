import type { Attack } from '../attack.ts'
import { words, extension } from '../wat.ts'

export const attack: Attack = {
  name: 'an answer that is neither a result nor a failure',
  tries: 'to have a failure read from what is none',
  guest: {
    kind: 'extension',
    wat: extension({
      fields: `(data (i32.const 64) "${words(2, 48, 2)}")`,
      invoke: '(i32.const 64)',
    }),
  },
  must: { kind: 'trapped', reason: 'abi' },

  defence: {
    file: 'packages/component/src/abi/lift.ts',
    what: 'the discriminant of a case in memory is checked',
  },
}
