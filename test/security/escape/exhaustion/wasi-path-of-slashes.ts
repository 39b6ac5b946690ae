import { createWasi } from '@morphee/component/wasi'
import type { Attack } from '../attack.ts'
import { FILESYSTEM } from '../wasi.ts'
import { REALLOC } from '../wat.ts'

export const attack: Attack = {
  name: 'a path of 30 MB of slashes',
  tries: 'to have it taken apart into as many steps as it has characters',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const { imports, suspending } = createWasi({
        storage: {
          get: async () => undefined,
          set: async () => {},
          delete: async () => {},
          keys: async () => [],
        },
      })
      const instance = await instantiate(
        `
        (core module $memory (memory (export "memory") 500) ${REALLOC})
        (core instance $memory (instantiate $memory))
        ${FILESYSTEM}
        (core module $m
          (import "" "memory" (memory 500))
          (import "" "open" (func $open (param i32 i32 i32 i32 i32 i32 i32)))
          (import "" "roots" (func $roots (param i32)))
          (func (export "run")
            (call $roots (i32.const 16))
            (i32.store (i32.const 32) (i32.load (i32.load (i32.const 16))))
            (memory.fill (i32.const 1000000) (i32.const 47) (i32.const 30000000))
            (i32.store8 (i32.const 1000000) (i32.const 46))
            (call $open (i32.load (i32.const 32)) (i32.const 0) (i32.const 1000000) (i32.const 30000000) (i32.const 0) (i32.const 1) (i32.const 16))
            ;; name-too-long
            (if (i32.eqz (i32.load8_u (i32.const 16))) (then unreachable))
            (if (i32.ne (i32.load8_u (i32.const 20)) (i32.const 18)) (then unreachable))))
        (core instance $m (instantiate $m (with "" (instance
          (export "memory" (memory $memory "memory")) (export "open" (func $open)) (export "roots" (func $roots))))))
        (func (export "run") (canon lift (core func $m "run")))`,
        imports,
        { suspending },
      )
      await instance.exports['run']?.()
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/wasi/file-tree.ts',
    what: 'a path is measured before it is taken apart',
  },
}
