import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a vector that says it has four billion items',
  tries: 'to have room for them made before they are looked for',
  guest: {
    kind: 'bytes',
    bytes: () => new ComponentBuilder().raw([7, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]).build(),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_MALFORMED' },

  defence: {
    file: 'packages/component/src/binary/decode.ts',
    what: 'a vector is no longer than its bytes',
  },
}
