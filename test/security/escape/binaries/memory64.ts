import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a memory of 64 bits',
  tries: 'to grow beyond every cap of 32 bits',
  guest: { kind: 'bytes', bytes: () => parseWat(`(component (core module (memory i64 1)))`) },
  must: { kind: 'refused', code: 'ERR_COMPONENT_UNSUPPORTED', because: 'memory64' },

  defence: {
    file: 'packages/component/src/core/val-type.ts',
    what: 'memories of 64 bits are refused by name',
  },
}
