import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'tuples of two of the tuple before, sixty times',
  tries: 'to have a type of 2^60 parts written out',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(
        `(component (type $t0 (tuple u8 u8)) ${Array.from({ length: 60 }, (_, i) => `(type $t${i + 1} (tuple $t${i} $t${i}))`).join(' ')})`,
      ),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxTypeNodes' },

  defence: {
    file: 'packages/component/src/types/val-type.ts',
    what: 'types are counted written out',
  },
}
