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
  name: 'a host function whose promise is rejected, and a guest that swallows everything',
  tries: 'to go on after the host gave up',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const instance = await instantiate(
        SWALLOWS,
        { ask: () => Promise.reject(new Error(CANARY)) },
        { suspending: ['ask'] },
      )
      await instance.exports['run']?.()
    },
  },
  must: { kind: 'trapped', reason: 'host-error' },

  defence: {
    file: 'packages/component/src/run/suspension.ts',
    what: 'a guest that wakes up dead traps in WebAssembly',
  },
}
