import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

const SWALLOWS = `
  (import "ask" (func $ask))
  (core func $ask (canon lower (func $ask)))
  (core module $m (import "" "ask" (func $ask))
    (func (export "run") (loop $again try (call $ask) catch_all end (br $again))))
  (core instance $i (instantiate $m (with "" (instance (export "ask" (func $ask))))))
  (func (export "run") (canon lift (core func $i "run")))`

export const attack: Attack = {
  name: 'a host function that calls another instance, which traps',
  tries: 'to have a trap of one instance end another, or be caught by it',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const victim = await instantiate(alone('(func (export "run") unreachable)'))
      const instance = await instantiate(SWALLOWS, { ask: () => victim.exports['run']?.() })
      instance.exports['run']?.()
    },
  },
  must: { kind: 'trapped', reason: 'host-error' },

  defence: {
    file: 'packages/component/src/run/func.ts',
    what: 'what a host function throws is told apart from what a guest throws',
  },
}
