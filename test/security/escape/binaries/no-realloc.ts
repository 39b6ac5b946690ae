import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a parameter that needs memory, and no allocator',
  tries: 'to have the host choose where it is written',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(
        `(component (core module $m (memory (export "memory") 1) (func (export "f") (param i32 i32))) (core instance $i (instantiate $m)) (func (param "a" string) (canon lift (core func $i "f") (memory (core memory $i "memory")))))`,
      ),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/validate/canon.ts',
    what: 'what needs an allocator has one',
  },
}
