import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a function lifted with a type that is not its own',
  tries: 'to have numbers taken for pointers',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(
        `(component (core module $m (func (export "f") (param i32))) (core instance $i (instantiate $m)) (func (param "a" u64) (canon lift (core func $i "f"))))`,
      ),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/validate/canon.ts',
    what: 'the core signature of a lift is checked',
  },
}
