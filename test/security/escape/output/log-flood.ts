import type { Attack } from '../attack.ts'
import { extension, IMPORTS } from '../wat.ts'

export const attack: Attack = {
  name: 'a hundred thousand log lines',
  tries: 'to fill the memory of the host and the disk behind it',
  guest: {
    kind: 'extension',
    wat: extension({
      before: IMPORTS.log,
      lowers:
        '(core func $write (canon lower (func $log "write") (memory (core memory $memory "memory"))))',
      coreImports: '(import "" "write" (func $write (param i32 i32 i32)))',
      supply: '(export "write" (func $write))',
      invoke:
        '(local $n i32) (loop $more (call $write (i32.const 1) (i32.const 48) (i32.const 2)) (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100000)))) (i32.const 16)',
    }),
    drive: async ({ test, extension }) => {
      const { log, droppedLogLines } = await test.call(extension, 'go')
      if (log.length > 1000) throw new Error(`${log.length} lines were kept`)
      if (log.length + droppedLogLines !== 100_000)
        throw new Error('lines were lost without a word')
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/host/src/node/isolation/guest-log.ts',
    what: 'log lines beyond the limit are counted and dropped where they are written',
  },
}
