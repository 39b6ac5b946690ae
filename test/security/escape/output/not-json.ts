import type { Attack } from '../attack.ts'
import { words, extension } from '../wat.ts'

export const attack: Attack = {
  name: 'an answer that is no JSON',
  tries: 'to have a caller trip over it',
  guest: {
    kind: 'extension',
    wat: extension({
      fields: `(data (i32.const 64) "${words(0, 96, 5)}") (data (i32.const 96) "{'a'}")`,
      invoke: '(i32.const 64)',
    }),
  },
  must: { kind: 'stopped', code: 'ERR_HOST_OUTPUT_INVALID' },

  defence: {
    file: 'packages/host/src/invocation/invoke.ts',
    what: 'an answer is parsed before it is handed on',
  },
}
