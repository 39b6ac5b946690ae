import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'an allocator that is no allocator',
  tries: 'to be called with what it does not expect',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(
        `(component (core module $m (memory (export "memory") 1) (func (export "f") (param i32 i32)) (func (export "realloc") (param i64) (result i32) unreachable)) (core instance $i (instantiate $m)) (func (param "a" string) (canon lift (core func $i "f") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))`,
      ),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/validate/canon.ts',
    what: 'the signature of realloc is checked',
  },
}
