import type { Attack } from '../attack.ts'
import { pausing } from '../wat.ts'

export const attack: Attack = {
  name: 'a call into an instance that sleeps',
  tries: 'to run on a stack while another is half-way',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const instance = await instantiate(
        pausing('(func (export "run") (call $pause))'),
        { pause: () => new Promise(() => undefined) },
        { suspending: ['pause'] },
      )
      const asleep = instance.exports['run']?.() as Promise<unknown>
      try {
        await instance.exports['run']?.()
      } finally {
        instance.close()
        await asleep.catch(() => undefined)
      }
    },
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_REENTERED' },

  defence: {
    file: 'packages/component/src/run/store.ts',
    what: 'an instance that sleeps is not called',
  },
}
