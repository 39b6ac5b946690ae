import type { Attack } from '../attack.ts'

const SWALLOWS = `
  (import "ask" (func $ask))
  (core func $ask (canon lower (func $ask)))
  (core module $m (import "" "ask" (func $ask))
    (func (export "run") (loop $again try (call $ask) catch_all end (br $again))))
  (core instance $i (instantiate $m (with "" (instance (export "ask" (func $ask))))))
  (func (export "run") (canon lift (core func $i "run")))`

export const attack: Attack = {
  name: 'a host function that throws an error of WebAssembly itself',
  tries: 'to be taken for a trap of its own, or caught as its own exception',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const tag = new WebAssembly.Tag({ parameters: [] })
      const instance = await instantiate(SWALLOWS, {
        ask: () => {
          throw new WebAssembly.Exception(tag, [])
        },
      })
      instance.exports['run']?.()
    },
  },
  must: { kind: 'trapped', reason: 'host-error' },

  defence: {
    file: 'packages/component/src/run/func.ts',
    what: 'what a host function throws is told apart from what a guest throws',
  },
}
