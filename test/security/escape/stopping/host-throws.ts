import { CANARY } from '../run-attack.ts'
import type { Attack } from '../attack.ts'

const SWALLOWS = `
  (import "ask" (func $ask))
  (core func $ask (canon lower (func $ask)))
  (core module $m (import "" "ask" (func $ask))
    (func (export "run") (loop $again try (call $ask) catch_all end (br $again))))
  (core instance $i (instantiate $m (with "" (instance (export "ask" (func $ask))))))
  (func (export "run") (canon lift (core func $i "run")))`

export const attack: Attack = {
  name: 'a host function that throws, and a guest that swallows everything',
  tries: 'to learn what it threw, and go on',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const instance = await instantiate(SWALLOWS, {
        ask: () => {
          throw new Error(CANARY)
        },
      })
      instance.exports['run']?.()
    },
  },
  must: { kind: 'trapped', reason: 'host-error' },

  defence: {
    file: 'packages/component/src/run/func.ts',
    what: 'a guest is stopped by a trap, which it cannot catch',
  },
}
