import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a host function that returns a value of another type',
  tries: 'to have it written into memory as if it were right',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const instance = await instantiate(
        `
        (import "ask" (func $ask (result u8)))
        (core func $ask (canon lower (func $ask)))
        (core module $m (import "" "ask" (func $ask (result i32))) (func (export "run") (drop (call $ask))))
        (core instance $i (instantiate $m (with "" (instance (export "ask" (func $ask))))))
        (func (export "run") (canon lift (core func $i "run")))`,
        { ask: () => 256 },
      )
      instance.exports['run']?.()
    },
  },
  must: { kind: 'trapped', reason: 'host-error' },

  defence: {
    file: 'packages/component/src/abi/lower.ts',
    what: 'values of the host are checked against their type',
  },
}
