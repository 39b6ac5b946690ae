import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a Latin-1 string at an odd pointer',
  tries: 'to have a pointer accepted that would be wrong with the UTF-16 tag',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 1) (i32.const 1))',
      encoding: 'latin1+utf16',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'not aligned' },

  defence: {
    file: 'packages/component/src/abi/strings.ts',
    what: 'Latin-1 is aligned to two like the UTF-16 that it may become',
  },
}
