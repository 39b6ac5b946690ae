import { createWasi } from '@morphee/component/wasi'
import type { Attack } from '../attack.ts'
import { REALLOC } from '../wat.ts'

export const attack: Attack = {
  name: 'two hundred sets of WASI headers, each as large as one may be',
  tries: 'to have its host hold the limit of each for all of them',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const { imports } = createWasi({ maxBufferedBytes: 4 * 1024 * 1024 })
      const instance = await instantiate(
        `
        (import "wasi:http/types@0.2.0" (instance $http
          (export "fields" (type $f (sub resource)))
          (type $error' (variant (case "invalid-syntax") (case "forbidden") (case "immutable")))
          (export "header-error" (type $error (eq $error')))
          (export "[constructor]fields" (func (result (own $f))))
          (export "[method]fields.append" (func (param "self" (borrow $f)) (param "name" string) (param "value" (list u8)) (result (result (error $error)))))))
        (core module $memory (memory (export "memory") 2) ${REALLOC})
        (core instance $memory (instantiate $memory))
        (core func $new (canon lower (func $http "[constructor]fields")))
        (core func $append (canon lower (func $http "[method]fields.append") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
        (core module $m
          (import "" "memory" (memory 2))
          (import "" "new" (func $new (result i32)))
          (import "" "append" (func $append (param i32 i32 i32 i32 i32 i32)))
          (data (i32.const 64) "x")
          (func (export "run") (local $n i32)
            (memory.fill (i32.const 4096) (i32.const 65) (i32.const 65000))
            (loop $more
              (call $append (call $new) (i32.const 64) (i32.const 1) (i32.const 4096) (i32.const 65000) (i32.const 16))
              (if (i32.load8_u (i32.const 16)) (then (return)))
              (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 200))))
            unreachable))
        (core instance $m (instantiate $m (with "" (instance
          (export "memory" (memory $memory "memory")) (export "new" (func $new)) (export "append" (func $append))))))
        (func (export "run") (canon lift (core func $m "run")))`,
        imports,
      )
      await instance.exports['run']?.()
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/wasi/http-fields.ts',
    what: 'headers count against what is held for the guest',
  },
}
