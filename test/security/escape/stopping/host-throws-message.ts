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
  name: 'the message of what a host function threw',
  tries: 'to have it handed on in the message of the trap',
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
  must: { kind: 'trapped', reason: 'host-error', saying: 'a host function failed' },

  defence: {
    file: 'packages/component/src/abi/trap.ts',
    what: 'what a host function threw is the cause of the trap, and no part of its message',
  },
}
