import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'instance types that export the one before twice, forty times',
  tries: 'to have a type of 2^40 items written out',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(`(component $top (type $t0 (instance (export "f" (func))))
      ${Array.from({ length: 40 }, (_, i) => `(type $t${i + 1} (instance (alias outer $top $t${i} (type $a)) (export "x" (instance (type $a))) (export "y" (instance (type $a)))))`).join('\n')}
      (import "i" (instance (type $t40))))`),
  },
  must: {
    kind: 'refused',
    code: 'ERR_COMPONENT_LIMIT',
    because: 'items of one instance or component type',
  },

  defence: {
    file: 'packages/component/src/limits.ts',
    what: 'walks over types are counted written out',
  },
}
