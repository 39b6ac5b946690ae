import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'an instance of 50,000 names in each of 900 components',
  tries: 'to have forty-five million names made',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(`(component (component $c (core module $m (func (export "f"))) (core instance $i (instantiate $m)) (func $f (canon lift (core func $i "f")))
      (instance ${Array.from({ length: 50_000 }, (_, n) => `(export "e${n}" (func $f))`).join('\n')}))
      ${'(instance (instantiate $c))\n'.repeat(900)})`),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxDefinitions' },

  defence: {
    file: 'packages/component/src/run/rehearse.ts',
    what: 'names that are put together are counted by instance',
  },
}
