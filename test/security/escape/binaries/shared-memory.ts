import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a shared memory',
  tries: 'to have a clock finer than the host gives, and a race',
  guest: { kind: 'bytes', bytes: () => parseWat(`(component (core module (memory 1 1 shared)))`) },
  must: { kind: 'refused', code: 'ERR_COMPONENT_UNSUPPORTED', because: 'threads' },

  defence: {
    file: 'packages/component/src/validate/component.ts',
    what: 'shared memories are refused by name',
  },
}
