import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a passive segment of a million elements in each of 900 instances',
  tries: 'to have a list of references made for each',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(`(component (core module $m (func $f) (elem func ${'$f '.repeat(1_000_000)}))
      ${'(core instance (instantiate $m))\n'.repeat(900)})`),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxCoreItems' },

  defence: {
    file: 'packages/component/src/core/module-info.ts',
    what: 'elements of segments are counted by instance',
  },
}
