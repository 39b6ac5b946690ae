import type { Attack } from '../attack.ts'
import { words, extension } from '../wat.ts'

export const attack: Attack = {
  name: 'an answer of 200,000 nested arrays',
  tries: 'to end the stack of whoever reads it',
  guest: {
    kind: 'extension',
    wat: extension({
      fields: `(data (i32.const 64) "${words(0, 4096, 400_000)}")`,
      pages: 10,
      invoke:
        '(memory.fill (i32.const 4096) (i32.const 91) (i32.const 200000)) (memory.fill (i32.const 204096) (i32.const 93) (i32.const 200000)) (i32.const 64)',
    }),
  },
  must: { kind: 'stopped', code: 'ERR_HOST_OUTPUT_INVALID' },

  defence: {
    file: 'packages/manifest/src/schema/json-schema.ts',
    what: 'nesting of an answer is bounded',
  },
}
