import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a thread of its own',
  tries: 'to run on when its call has ended',
  guest: { kind: 'bytes', bytes: () => new ComponentBuilder().raw([8, 4, 1, 0x40, 0, 0]).build() },
  must: { kind: 'refused', code: 'ERR_COMPONENT_UNSUPPORTED', because: 'threads' },

  defence: {
    file: 'packages/component/src/binary/decode.ts',
    what: 'built-ins for threads are refused by name',
  },
}
