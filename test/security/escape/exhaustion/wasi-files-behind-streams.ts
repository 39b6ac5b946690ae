import { createWasi } from '@morphee/component/wasi'
import type { Attack } from '../attack.ts'
import { FILESYSTEM } from '../wasi.ts'
import { REALLOC } from '../wat.ts'

const MiB = 1024 * 1024

export const attack: Attack = {
  name: 'files that are closed while their streams stay open',
  tries: 'to have its host hold every file at once, uncounted',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const { imports, suspending } = createWasi({
        maxBufferedBytes: 4 * MiB,
        storage: {
          get: async () => new Uint8Array(MiB),
          set: async () => {},
          delete: async () => {},
          keys: async () => [],
        },
      })
      const instance = await instantiate(
        `
        (core module $memory (memory (export "memory") 1) ${REALLOC})
        (core instance $memory (instantiate $memory))
        ${FILESYSTEM}
        (core module $m
          (import "" "memory" (memory 1))
          (import "" "open" (func $open (param i32 i32 i32 i32 i32 i32 i32)))
          (import "" "read" (func $read (param i32 i64 i32)))
          (import "" "roots" (func $roots (param i32)))
          (import "" "close" (func $close (param i32)))
          (func (export "run") (local $n i32) (local $root i32) (local $file i32)
            (call $roots (i32.const 16))
            (local.set $root (i32.load (i32.load (i32.const 16))))
            (loop $more
              (i32.store8 (i32.const 64) (i32.add (i32.const 65) (local.get $n)))
              (call $open (local.get $root) (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))
              (if (i32.load8_u (i32.const 16)) (then (return)))
              (local.set $file (i32.load (i32.const 20)))
              (call $read (local.get $file) (i64.const 0) (i32.const 16))
              (call $close (local.get $file))
              (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 40))))
            unreachable))
        (core instance $m (instantiate $m (with "" (instance
          (export "memory" (memory $memory "memory")) (export "open" (func $open)) (export "read" (func $read))
          (export "roots" (func $roots)) (export "close" (func $close))))))
        (func (export "run") (canon lift (core func $m "run")))`,
        imports,
        { suspending },
      )
      await instance.exports['run']?.()
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/wasi/filesystem.ts',
    what: 'a stream holds its file as a descriptor does',
  },
}
