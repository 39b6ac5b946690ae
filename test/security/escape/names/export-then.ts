import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'an export called then, on what an embedder awaits',
  tries: 'to be called by whoever waits for the instance, with its functions',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const instance = await instantiate(`
        (core module $m (func (export "then") unreachable))
        (core instance $i (instantiate $m))
        (func (export "then") (canon lift (core func $i "then")))`)
      if (instance.death !== undefined) throw new Error('it was called')
      await instance
      if (instance.death !== undefined) throw new Error('it was called')
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/component.ts',
    what: 'what is awaited is not what a guest named',
  },
}
