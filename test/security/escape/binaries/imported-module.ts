import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'code that comes from somewhere else when it is instantiated',
  tries: 'to run what was never checked',
  guest: {
    kind: 'bytes',
    bytes: () => parseWat(`(component (import "m" (core module (export "f" (func)))))`),
  },
  must: {
    kind: 'refused',
    code: 'ERR_COMPONENT_UNSUPPORTED',
    because: 'imported modules and components',
  },

  defence: {
    file: 'packages/component/src/validate/component.ts',
    what: 'all code is in the file that was checked',
  },
}
