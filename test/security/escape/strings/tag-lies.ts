import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'a UTF-16 tag on bytes that are Latin-1 and half as long',
  tries: 'to have twice the bytes read',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 65516) (i32.const 0x80000014))',
      encoding: 'latin1+utf16',
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'out of bounds' },

  defence: {
    file: 'packages/component/src/abi/strings.ts',
    what: 'the bounds of a tagged string are those of UTF-16',
  },
}
