import { createWasi } from '@morphee/component/wasi'
import type { Attack } from '../attack.ts'
import { REALLOC } from '../wat.ts'

const TIMES = 100_000

export const attack: Attack = {
  name: 'a poll that names the same pollable 100,000 times',
  tries: 'to have as many timers set, and more when it is asked again',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      let sleeps = 0
      let now = 0n
      const { imports, suspending } = createWasi({
        clock: {
          now: () => 0,
          monotonic: () => now,
          sleep: async () => {
            sleeps++
            now = 1000n
          },
        },
      })
      const instance = await instantiate(
        `
        (import "wasi:io/poll@0.2.0" (instance $poll
          (export "pollable" (type $p (sub resource)))
          (export "poll" (func (param "in" (list (borrow $p))) (result (list u32))))))
        (alias export $poll "pollable" (type $pollable))
        (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
          (alias outer 1 $pollable (type $p'))
          (export "pollable" (type $p (eq $p')))
          (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
        (core module $memory (memory (export "memory") 20) ${REALLOC})
        (core instance $memory (instantiate $memory))
        (core func $sleep (canon lower (func $clock "subscribe-duration")))
        (core func $poll (canon lower (func $poll "poll") (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
        (core module $m
          (import "" "memory" (memory 20))
          (import "" "sleep" (func $sleep (param i64) (result i32)))
          (import "" "poll" (func $poll (param i32 i32 i32)))
          (func (export "run") (local $n i32) (local $one i32)
            (local.set $one (call $sleep (i64.const 1000)))
            (loop $more
              (i32.store offset=600000 (i32.mul (local.get $n) (i32.const 4)) (local.get $one))
              (br_if $more (i32.lt_u (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const ${TIMES}))))
            (call $poll (i32.const 600000) (i32.const ${TIMES}) (i32.const 16))))
        (core instance $m (instantiate $m (with "" (instance
          (export "memory" (memory $memory "memory")) (export "sleep" (func $sleep)) (export "poll" (func $poll))))))
        (func (export "run") (canon lift (core func $m "run")))`,
        imports,
        { suspending },
      )
      await instance.exports['run']?.()
      if (sleeps !== 1) throw new Error(`${sleeps} timers for one pollable`)
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/wasi/poll.ts',
    what: 'each is waited for once, however often it is named',
  },
}
