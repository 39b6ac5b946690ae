import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'an alias that reaches out of the component',
  tries: 'to name what belongs to nobody',
  guest: {
    kind: 'bytes',
    bytes: () => new ComponentBuilder().raw([7, 3, 1, 0x70, 0x7d, 6, 5, 1, 3, 2, 9, 0]).build(),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/validate/scope.ts',
    what: 'an alias ends at the outermost component',
  },
}
