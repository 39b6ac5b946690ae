import { createWasi } from '@morphee/component/wasi'
import type { Attack } from '../attack.ts'
import { REALLOC } from '../wat.ts'

export const attack: Attack = {
  name: 'one write of 30 MB of newlines to the standard output',
  tries: 'to have its host make a line of each of them at once',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const { imports, suspending } = createWasi()
      const instance = await instantiate(
        `
        (import "wasi:io/error@0.2.0" (instance $errors (export "error" (type (sub resource)))))
        (alias export $errors "error" (type $error))
        (import "wasi:io/streams@0.2.0" (instance $streams
          (export "output-stream" (type $s (sub resource)))
          (alias outer 1 $error (type $e'))
          (export "error" (type $e (eq $e')))
          (type $failure' (variant (case "last-operation-failed" (own $e)) (case "closed")))
          (export "stream-error" (type $failure (eq $failure')))
          (export "[method]output-stream.write" (func (param "self" (borrow $s)) (param "contents" (list u8)) (result (result (error $failure)))))))
        (alias export $streams "output-stream" (type $stream))
        (import "wasi:cli/stdout@0.2.0" (instance $stdout
          (alias outer 1 $stream (type $s'))
          (export "output-stream" (type $s (eq $s')))
          (export "get-stdout" (func (result (own $s))))))
        (core module $memory (memory (export "memory") 500) ${REALLOC})
        (core instance $memory (instantiate $memory))
        (core func $stdout (canon lower (func $stdout "get-stdout")))
        (core func $write (canon lower (func $streams "[method]output-stream.write") (memory (core memory $memory "memory"))))
        (core module $m
          (import "" "memory" (memory 500))
          (import "" "stdout" (func $stdout (result i32)))
          (import "" "write" (func $write (param i32 i32 i32 i32)))
          (func (export "run")
            (memory.fill (i32.const 1000) (i32.const 10) (i32.const 30000000))
            (call $write (call $stdout) (i32.const 1000) (i32.const 30000000) (i32.const 16))))
        (core instance $m (instantiate $m (with "" (instance
          (export "memory" (memory $memory "memory")) (export "stdout" (func $stdout)) (export "write" (func $write))))))
        (func (export "run") (canon lift (core func $m "run")))`,
        imports,
        { suspending },
      )
      await instance.exports['run']?.()
    },
  },
  must: { kind: 'trapped', reason: 'host-error' },

  defence: {
    file: 'packages/component/src/wasi/streams.ts',
    what: 'no more is written at once than was offered',
  },
}
