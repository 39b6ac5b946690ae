import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a start function of a component',
  tries: 'to run before anybody calls it',
  guest: { kind: 'bytes', bytes: () => new ComponentBuilder().raw([9, 3, 0, 0, 0]).build() },
  must: { kind: 'refused', code: 'ERR_COMPONENT_UNSUPPORTED', because: 'start functions' },

  defence: {
    file: 'packages/component/src/binary/decode.ts',
    what: 'start functions are refused by name',
  },
}
