import type { Attack } from '../attack.ts'
import { extension, IMPORTS } from '../wat.ts'

export const attack: Attack = {
  name: 'a log line of a megabyte',
  tries: 'to fill the memory of the host with a thousand of them',
  guest: {
    kind: 'extension',
    wat: extension({
      before: IMPORTS.log,
      pages: 20,
      lowers:
        '(core func $write (canon lower (func $log "write") (memory (core memory $memory "memory"))))',
      coreImports: '(import "" "write" (func $write (param i32 i32 i32)))',
      supply: '(export "write" (func $write))',
      invoke:
        '(memory.fill (i32.const 4096) (i32.const 97) (i32.const 1000000)) (call $write (i32.const 1) (i32.const 4096) (i32.const 1000000)) (i32.const 16)',
    }),
    drive: async ({ test, extension }) => {
      const { log } = await test.call(extension, 'go')
      const [line] = log
      if (line === undefined || line.message.length > 4096)
        throw new Error('it was kept whole, or lost')
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/host/src/node/isolation/guest-words.ts',
    what: 'a log line is cut at its limit',
  },
}
