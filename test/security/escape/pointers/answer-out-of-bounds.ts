import type { Attack } from '../attack.ts'
import { words, extension } from '../wat.ts'

export const attack: Attack = {
  name: 'an answer that ends beyond memory',
  tries: 'to have the host read what lies behind the memory of the guest',
  guest: {
    kind: 'extension',
    wat: extension({
      fields: `(data (i32.const 64) "${words(0, 65_500, 1_000_000)}")`,
      pages: 1,
      invoke: '(i32.const 64)',
    }),
  },
  must: { kind: 'trapped', reason: 'abi' },

  defence: {
    file: 'packages/component/src/abi/strings.ts',
    what: 'what a guest answers is checked like any value',
  },
}
