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
  name: 'a host function that returns a promise without having said so',
  tries: 'to have its rejection end the process',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const instance = await instantiate(SWALLOWS, { ask: () => Promise.reject(new Error(CANARY)) })
      try {
        instance.exports['run']?.()
      } finally {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
  },
  must: { kind: 'trapped', reason: 'host-error' },

  defence: {
    file: 'packages/component/src/run/func.ts',
    what: 'a promise that nobody waits for is taken care of',
  },
}
