import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: '100,000 exports',
  tries: 'to make every look at the component slow',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(`(component (core module $m (func (export "f"))) (core instance $i (instantiate $m)) (func $f (canon lift (core func $i "f")))
      ${Array.from({ length: 100_000 }, (_, n) => `(export "e${n}" (func $f))`).join('\n')})`),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxDefinitions' },

  defence: { file: 'packages/component/src/limits.ts', what: 'definitions are counted' },
}
