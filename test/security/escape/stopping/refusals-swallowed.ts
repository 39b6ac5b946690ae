import type { Attack } from '../attack.ts'
import { extension, IMPORTS } from '../wat.ts'

export const attack: Attack = {
  name: 'a request that is refused, two thousand times',
  tries: 'to try until one gets through',
  guest: {
    kind: 'extension',
    wat: extension({
      before: IMPORTS.http,
      fields:
        '(data (i32.const 96) "GET") (data (i32.const 112) "https://silent.services.example/")',
      lowers:
        '(core func $read (canon lower (func $http "read") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))',
      coreImports: `(import "" "read" (func $read (param ${'i32 '.repeat(15)})))`,
      supply: '(export "read" (func $read))',
      invoke: `(local $n i32) (loop $more (call $read (i32.const 96) (i32.const 3) (i32.const 112) (i32.const 32) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 256)) (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 2000)))) (i32.const 16)`,
    }),
    manifest: {
      permissions: [{ 'http:read': { urls: ['https://elsewhere.example/**'], reason: 'x' } }],
    },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'refusals' },

  defence: {
    file: 'packages/host/src/capabilities/record.ts',
    what: 'refusals are counted over the whole call',
  },
}
