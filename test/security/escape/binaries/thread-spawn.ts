import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'the built-in that tells how many threads may run',
  tries: 'to run on when its call has ended',
  guest: { kind: 'bytes', bytes: () => new ComponentBuilder().raw([8, 3, 1, 0x42, 0]).build() },
  must: { kind: 'refused', code: 'ERR_COMPONENT_UNSUPPORTED' },

  defence: {
    file: 'packages/component/src/validate/component.ts',
    what: 'built-ins for threads are refused by name',
  },
}
