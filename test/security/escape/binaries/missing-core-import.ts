import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a core module instantiated without what it imports',
  tries: 'to have it found in what every object inherits',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(
        `(component (core module $m (import "" "constructor" (func))) (core instance (instantiate $m (with "" (instance)))))`,
      ),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/validate/component.ts',
    what: 'what a core module imports is looked up before it runs',
  },
}
