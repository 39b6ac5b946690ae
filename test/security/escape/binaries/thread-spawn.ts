import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'the built-in that tells how many threads may run',
  tries: 'to run on when its call has ended',
  guest: {
    kind: 'bytes',
    bytes: () => parseWat(`(component (core func (canon thread.available_parallelism)))`),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_UNSUPPORTED' },

  defence: {
    file: 'packages/component/src/binary/decode-canon.ts',
    what: 'built-ins for threads are refused by name',
  },
}
