import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'a call into an instance that trapped',
  tries: 'to use memory that is half-way',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const instance = await instantiate(alone('(func (export "run") unreachable)'))
      try {
        instance.exports['run']?.()
      } catch {
        return instance.exports['run']?.()
      }
      return undefined
    },
  },
  must: { kind: 'trapped', reason: 'unreachable', saying: 'it trapped before' },

  defence: { file: 'packages/component/src/run/store.ts', what: 'a dead instance is not called' },
}
