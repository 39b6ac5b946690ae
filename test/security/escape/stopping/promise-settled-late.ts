import type { Attack } from '../attack.ts'

const SWALLOWS = `
  (import "ask" (func $ask))
  (core func $ask (canon lower (func $ask)))
  (core module $m (import "" "ask" (func $ask))
    (func (export "run") (loop $again try (call $ask) catch_all end (br $again))))
  (core instance $i (instantiate $m (with "" (instance (export "ask" (func $ask))))))
  (func (export "run") (canon lift (core func $i "run")))`

export const attack: Attack = {
  name: 'a host function whose promise is settled after the guest was stopped',
  tries: 'to go on with an answer that comes late',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const answers: (() => void)[] = []
      const ask = (): Promise<void> => new Promise((resolve) => answers.push(resolve))
      const instance = await instantiate(SWALLOWS, { ask }, { suspending: ['ask'] })
      const call = instance.exports['run']?.() as Promise<unknown>
      instance.close()
      for (const answer of answers) answer()
      await call.catch((error: unknown) => {
        if (answers.length !== 1) throw new Error('it went on')
        throw error
      })
    },
  },
  must: { kind: 'trapped', reason: 'interrupted' },

  defence: {
    file: 'packages/component/src/run/store.ts',
    what: 'an answer that comes late wakes nobody',
  },
}
