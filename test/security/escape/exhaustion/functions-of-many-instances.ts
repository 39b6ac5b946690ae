import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a core module of 200,000 functions in each of 900 instances',
  tries: 'to have a table of functions made for each',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(
        `(component (core module $m ${'(func) '.repeat(200_000)}) ${'(core instance (instantiate $m))\n'.repeat(900)})`,
      ),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxCoreItems' },

  defence: {
    file: 'packages/component/src/run/rehearse.ts',
    what: 'what core instances hold is counted by instance',
  },
}
