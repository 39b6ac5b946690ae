import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'ten tables of 200,000 elements',
  tries: 'to have the limit for each instead of for all',
  guest: {
    kind: 'component',
    wat: alone(`${'(table 200000 funcref) '.repeat(10)} (func (export "run"))`),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxTableElements' },

  defence: {
    file: 'packages/component/src/core/cap.ts',
    what: 'the limit is for all tables together',
  },
}
