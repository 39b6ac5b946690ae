import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'two exports that JavaScript spells alike',
  tries: 'to have the second hide the first',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(
        `(component (core module $m (func (export "f"))) (core instance $i (instantiate $m)) (func $f (canon lift (core func $i "f"))) (export "do-it" (func $f)) (export "do-IT" (func $f)))`,
      ),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/validate/scope.ts',
    what: 'names of one scope differ in every spelling',
  },
}
