import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a core module of 100,000 exports in each of 900 instances',
  tries: 'to have ninety million exports made, outside of the time that is counted',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(`(component (core module $m (func $f) ${Array.from({ length: 100_000 }, (_, n) => `(export "e${n}" (func $f))`).join('\n')})
      ${'(core instance (instantiate $m))\n'.repeat(900)})`),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxCoreItems' },

  defence: {
    file: 'packages/component/src/run/rehearse.ts',
    what: 'what core instances hold is counted by instance',
  },
}
