import type { Attack } from '../attack.ts'

const CALLS_HOST = `
  (import "ask" (func $ask))
  (core func $ask (canon lower (func $ask)))
  (core module $m (import "" "ask" (func $ask)) (func (export "run") (call $ask)))
  (core instance $i (instantiate $m (with "" (instance (export "ask" (func $ask))))))
  (func (export "run") (canon lift (core func $i "run")))`

export const attack: Attack = {
  name: 'a call into an instance from a host function that it calls',
  tries: 'to find its own state half-way',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      let again: () => unknown = () => undefined
      const instance = await instantiate(CALLS_HOST, { ask: () => again() })
      again = instance.exports['run'] as () => unknown
      try {
        again()
      } catch (error) {
        throw (error as Error).cause
      }
    },
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_REENTERED' },

  defence: { file: 'packages/component/src/run/store.ts', what: 'a busy instance is not called' },
}
