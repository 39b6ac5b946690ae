import type { Attack } from '../attack.ts'

const SWALLOWS = `
  (import "ask" (func $ask))
  (core func $ask (canon lower (func $ask)))
  (core module $m (import "" "ask" (func $ask))
    (func (export "run") (loop $again try (call $ask) catch_all end (br $again))))
  (core instance $i (instantiate $m (with "" (instance (export "ask" (func $ask))))))
  (func (export "run") (canon lift (core func $i "run")))`

export const attack: Attack = {
  name: 'a host function whose promise is never settled',
  tries: 'to keep an instance for ever',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const instance = await instantiate(
        SWALLOWS,
        { ask: () => new Promise(() => undefined) },
        { suspending: ['ask'] },
      )
      const call = instance.exports['run']?.()
      instance.close()
      await call
    },
  },
  must: { kind: 'trapped', reason: 'interrupted' },

  defence: {
    file: 'packages/component/src/run/store.ts',
    what: 'closing wakes what sleeps, and it traps',
  },
}
