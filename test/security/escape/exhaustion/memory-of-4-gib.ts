import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'a memory of 4 GiB from the beginning',
  tries: 'to take the memory of the machine',
  guest: { kind: 'component', wat: alone('(memory 65536) (func (export "run"))') },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxMemoryBytes' },

  defence: {
    file: 'packages/component/src/core/cap.ts',
    what: 'minima are counted before anything is made',
  },
}
