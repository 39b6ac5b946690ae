import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a result whose error is a list of bytes outside of memory',
  tries: 'to hide a bad pointer in the flattened payload of a case',
  guest: {
    kind: 'component',
    wat: crossing({
      type: '(result u64 (error (list u8)))',
      flat: 'i32 i64 i32',
      attacker: '(call $take (i32.const 1) (i64.const 0xfffffff0) (i32.const 32))',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/lift.ts',
    what: 'flattened payloads are narrowed and checked',
  },
}
