import type { Attack } from '../attack.ts'

const SWALLOWS = `
  (import "ask" (func $ask))
  (core func $ask (canon lower (func $ask)))
  (core module $m (import "" "ask" (func $ask))
    (func (export "run") (loop $again try (call $ask) catch_all end (br $again))))
  (core instance $i (instantiate $m (with "" (instance (export "ask" (func $ask))))))
  (func (export "run") (canon lift (core func $i "run")))`

export const attack: Attack = {
  name: 'a call that is taken back while it sleeps, and a guest that swallows everything',
  tries: 'to go on after it was cancelled',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const controller = new AbortController()
      const instance = await instantiate(
        SWALLOWS,
        { ask: () => new Promise(() => undefined) },
        { suspending: ['ask'], signal: controller.signal },
      )
      const call = instance.exports['run']?.()
      controller.abort()
      await call
    },
  },
  must: { kind: 'trapped', reason: 'interrupted' },

  defence: {
    file: 'packages/component/src/run/suspension.ts',
    what: 'a guest that wakes up dead traps in WebAssembly',
  },
}
