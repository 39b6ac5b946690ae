import type { Attack } from '../attack.ts'
import { words, extension } from '../wat.ts'

export const attack: Attack = {
  name: 'an answer with an escaped half of a surrogate pair',
  tries: 'to have text made that cannot be stored',
  guest: {
    kind: 'extension',
    wat: extension({
      fields: `(data (i32.const 64) "${words(0, 96, 8)}") (data (i32.const 96) "\\"\\5cud800\\"")`,
      invoke: '(i32.const 64)',
    }),
  },
  must: { kind: 'stopped', code: 'ERR_HOST_OUTPUT_INVALID' },

  defence: {
    file: 'packages/host/src/invocation/invoke.ts',
    what: 'text of an answer can be encoded',
  },
}
