import type { Attack } from '../attack.ts'
import { extension } from '../wat.ts'

export const attack: Attack = {
  name: 'what the call before left in memory, globals and tables',
  tries: 'to hand something from one call to the next, whoever makes it',
  guest: {
    kind: 'extension',
    wat: extension({
      fields: `(global $n (mut i32) (i32.const 0)) (table 1 4 funcref) (func $f) (elem declare func $f)`,
      invoke: `
      (if (global.get $n) (then unreachable))
      (if (i32.load (i32.const 2048)) (then unreachable))
      (if (i32.eqz (ref.is_null (table.get 0 (i32.const 0)))) (then unreachable))
      (global.set $n (i32.const 1)) (i32.store (i32.const 2048) (i32.const 1)) (table.set 0 (i32.const 0) (ref.func $f))
      (i32.const 16)`,
    }),
    drive: async ({ test, extension }) => {
      await test.call(extension, 'go')
      await test.call(extension, 'go')
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/host/src/node/isolation/guest-runner.ts',
    what: 'every call has an instance of its own',
  },
}
