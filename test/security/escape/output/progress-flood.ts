import type { Attack } from '../attack.ts'
import { extension, IMPORTS } from '../wat.ts'

export const attack: Attack = {
  name: 'fifty thousand reports of progress',
  tries: 'to fill the queue of the host faster than it is emptied',
  guest: {
    kind: 'extension',
    wat: extension({
      before: IMPORTS.progress,
      lowers:
        '(core func $progress (canon lower (func $invocation "progress") (memory (core memory $memory "memory"))))',
      coreImports: '(import "" "progress" (func $progress (param i32 f32 i32 i32)))',
      supply: '(export "progress" (func $progress))',
      invoke:
        '(local $n i32) (loop $more (call $progress (i32.const 1) (f32.const 0.5) (i32.const 48) (i32.const 2)) (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 50000)))) (i32.const 16)',
    }),
    drive: async ({ test, extension }) => {
      let told = 0
      await test.call(extension, 'go', {}, { onProgress: () => void told++ })
      if (told === 0 || told > 1000) throw new Error(`${told} reports came through`)
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/host/src/node/isolation/guest-words.ts',
    what: 'reports that follow each other too fast are dropped where they are made',
  },
}
