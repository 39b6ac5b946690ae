import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'tuples of two lists of the tuple before, forty times',
  tries: 'to have a type of 2^40 parts written out',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(
        `(component (type $t0 (tuple u8 u8)) ${Array.from({ length: 40 }, (_, i) => `(type $l${i} (list $t${i})) (type $t${i + 1} (tuple $l${i} $l${i}))`).join(' ')})`,
      ),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxTypeNodes' },

  defence: {
    file: 'packages/component/src/types/val-type.ts',
    what: 'types are counted written out',
  },
}
