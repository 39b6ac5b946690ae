import type { Attack } from '../attack.ts'
import { words, extension } from '../wat.ts'

export const attack: Attack = {
  name: 'a failure whose message is a megabyte written backwards',
  tries: 'to fill logs and lead people astray',
  guest: {
    kind: 'extension',
    wat: extension({
      fields: `(data (i32.const 64) "${words(1, 200, 4, 4096, 999_999, 0, 0, 0, 0, 0)}") (data (i32.const 200) "oops")`,
      pages: 20,
      invoke: `(local $at i32) (local.set $at (i32.const 4096))
      (loop $more
        (i32.store (local.get $at) (i32.const 0x61ae80e2))
        (br_if $more (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 3))) (i32.const 1004095))))
      (i32.store8 (i32.const 4096) (i32.const 0xe2)) (i32.const 64)`,
    }),
    drive: async ({ test, extension }) => {
      try {
        await test.call(extension, 'go')
      } catch (error) {
        const { message } = error as Error
        if (message.length > 1500) throw new Error('its text is not bounded', { cause: error })
        if (/[\u202a-\u202e]/u.test(message))
          throw new Error('its text turns around', { cause: error })
        throw error
      }
    },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_EXTENSION_FAILED' },

  defence: {
    file: 'packages/host/src/invocation/clean-failure.ts',
    what: 'text of a failure is bounded and cleaned',
  },
}
