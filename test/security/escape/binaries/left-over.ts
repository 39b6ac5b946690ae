import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'bytes left over at the end of a section',
  tries: 'to hide something from one reader that another sees',
  guest: { kind: 'bytes', bytes: () => new ComponentBuilder().raw([7, 3, 0, 1, 2]).build() },
  must: { kind: 'refused', code: 'ERR_COMPONENT_MALFORMED' },

  defence: {
    file: 'packages/component/src/binary/decode.ts',
    what: 'every byte of a section is used',
  },
}
