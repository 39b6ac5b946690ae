import type { Attack } from '../attack.ts'
import { REALLOC } from '../wat.ts'

export const attack: Attack = {
  name: 'memory that is grown while the answer of a host that was waited for is written',
  tries: 'to have it written through the view of before',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const instance = await instantiate(
        `
        (import "ask" (func $ask (result (list string))))
        (core module $memory (memory (export "memory") 1) ${REALLOC.replace('(local $at i32)', '(local $at i32) (drop (memory.grow (i32.const 1)))')})
        (core instance $memory (instantiate $memory))
        (core func $ask (canon lower (func $ask) (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
        (core module $m (import "" "memory" (memory 1)) (import "" "ask" (func $ask (param i32)))
          (func (export "run") (call $ask (i32.const 16))
            (if (i32.ne (i32.load (i32.const 20)) (i32.const 3)) (then unreachable))
            (if (i32.ne (i32.load8_u (i32.load offset=16 (i32.load (i32.const 16)))) (i32.const 99)) (then unreachable))))
        (core instance $m (instantiate $m (with "" (instance (export "memory" (memory $memory "memory")) (export "ask" (func $ask))))))
        (func (export "run") (canon lift (core func $m "run")))`,
        { ask: () => Promise.resolve(['aa', 'bb', 'cc']) },
        { suspending: ['ask'] },
      )
      await instance.exports['run']?.()
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/abi/context.ts',
    what: 'views are renewed after every realloc',
  },
}
