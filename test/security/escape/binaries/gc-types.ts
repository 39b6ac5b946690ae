import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: "structs and arrays of the host's garbage collector",
  tries: 'to fill a heap that no limit counts',
  guest: {
    kind: 'bytes',
    bytes: () => parseWat(`(component (core module (type (array (mut i64)))))`),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_UNSUPPORTED', because: 'gc' },

  defence: {
    file: 'packages/component/src/core/val-type.ts',
    what: 'types of the garbage collector are refused by name',
  },
}
