import { CANARY } from '../run-attack.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a record of the host with a getter that throws',
  tries: 'to learn what it threw',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const instance = await instantiate(
        `
        (import "a:b/c" (instance $c
          (type $r (record (field "x" u32))) (export "r" (type $e (eq $r)))
          (export "ask" (func (result $e)))))
        (core func $ask (canon lower (func $c "ask")))
        (core module $m (import "" "ask" (func $ask (result i32))) (func (export "run") (loop $again try (drop (call $ask)) catch_all end (br $again))))
        (core instance $m (instantiate $m (with "" (instance (export "ask" (func $ask))))))
        (func (export "run") (canon lift (core func $m "run")))`,
        {
          'a:b/c': {
            ask: () => ({
              get x(): number {
                throw new Error(CANARY)
              },
            }),
          },
        },
      )
      instance.exports['run']?.()
    },
  },
  must: { kind: 'trapped', reason: 'unknown' },

  defence: {
    file: 'packages/component/src/abi/trap.ts',
    what: 'what the embedder throws is no part of the message',
  },
}
