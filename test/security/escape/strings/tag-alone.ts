import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'the UTF-16 tag and the longest length there is',
  tries: 'to have the tag taken for a length of 2 GiB, or the length for negative',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 0) (i32.const -1))',
      encoding: 'latin1+utf16',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out-of-bounds' },

  defence: { file: 'packages/component/src/abi/strings.ts', what: 'lengths in bytes are bounded' },
}
