import type { Attack } from '../attack.ts'

const SWALLOWS = `
  (import "ask" (func $ask))
  (core func $ask (canon lower (func $ask)))
  (core module $m (import "" "ask" (func $ask))
    (func (export "run") (loop $again try (call $ask) catch_all end (br $again))))
  (core instance $i (instantiate $m (with "" (instance (export "ask" (func $ask))))))
  (func (export "run") (canon lift (core func $i "run")))`

export const attack: Attack = {
  name: 'a call that is taken back while the host answers, and a guest that swallows everything',
  tries: 'to go on after it was cancelled',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const controller = new AbortController()
      const instance = await instantiate(
        SWALLOWS,
        { ask: () => controller.abort() },
        { signal: controller.signal },
      )
      instance.exports['run']?.()
    },
  },
  must: { kind: 'trapped', reason: 'interrupted' },

  defence: {
    file: 'packages/component/src/run/func.ts',
    what: 'after every host call it is asked whether the guest may go on',
  },
}
