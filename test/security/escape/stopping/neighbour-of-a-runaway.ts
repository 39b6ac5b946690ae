import type { Attack } from '../attack.ts'
import { extension, IMPORTS } from '../wat.ts'

export const attack: Attack = {
  name: 'two calls of one extension, one of which never ends',
  tries: 'to have the kill of one hit the other',
  guest: {
    kind: 'extension',
    wat: extension({
      before: IMPORTS.storage,
      lowers:
        '(core func $get (canon lower (func $storage "get") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))',
      coreImports: '(import "" "get" (func $get (param i32 i32 i32)))',
      supply: '(export "get" (func $get))',
      invoke: `(local $n i32)
      (if (i32.eq (local.get 1) (i32.const 4)) (then (loop $l (br $l))))
      (loop $more (call $get (i32.const 48) (i32.const 1) (i32.const 64))
        (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 2000))))
      (i32.const 16)`,
    }),
    manifest: {
      limits: { 'cpu-time': '2 s' },
      actions: Object.fromEntries(
        ['go', 'spin'].map((name) => [
          name,
          { title: name, effect: 'read', input: { type: 'object' }, output: {} },
        ]),
      ),
    },
    drive: async ({ test, extension }) => {
      const neighbour = test.call(extension, 'go')
      const runaway = test.call(extension, 'spin')
      const [{ status }] = await Promise.allSettled([neighbour, runaway])
      if (status === 'rejected') throw new Error('the kill hit its neighbour')
      await runaway
    },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'cpu-time' },

  defence: {
    file: 'packages/host/src/node/isolation/cell-pool.ts',
    what: 'a cell serves one call at a time, so that a kill hits that call alone',
  },
}
