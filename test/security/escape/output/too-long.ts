import type { Attack } from '../attack.ts'
import { words, extension } from '../wat.ts'

export const attack: Attack = {
  name: 'an answer of two million bytes',
  tries: 'to have every caller hold it',
  guest: {
    kind: 'extension',
    wat: extension({
      fields: `(data (i32.const 64) "${words(0, 4096, 2_000_000)}")`,
      pages: 40,
      invoke:
        '(memory.fill (i32.const 4096) (i32.const 32) (i32.const 2000000)) (i32.store8 (i32.const 4096) (i32.const 48)) (i32.const 64)',
    }),
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'output' },

  defence: {
    file: 'packages/host/src/node/isolation/guest-runner.ts',
    what: 'the answer is measured before it is handed on',
  },
}
