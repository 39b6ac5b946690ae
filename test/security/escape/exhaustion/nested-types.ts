import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'lists of lists, two hundred deep',
  tries: 'to end the stack of whoever follows a type',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(
        `(component (type $t0 (list u8)) ${Array.from({ length: 200 }, (_, i) => `(type $t${i + 1} (list $t${i}))`).join(' ')})`,
      ),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxTypeDepth' },

  defence: {
    file: 'packages/component/src/types/val-type.ts',
    what: 'nesting of types is bounded',
  },
}
