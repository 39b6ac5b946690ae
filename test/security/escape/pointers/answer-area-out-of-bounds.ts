import type { Attack } from '../attack.ts'
import { extension } from '../wat.ts'

export const attack: Attack = {
  name: 'a pointer to an answer beyond memory',
  tries: 'to have the host read what lies behind the memory of the guest',
  guest: { kind: 'extension', wat: extension({ invoke: '(i32.const -4)' }) },
  must: { kind: 'trapped', reason: 'abi' },

  defence: {
    file: 'packages/component/src/abi/adapter.ts',
    what: 'the returned pointer is checked',
  },
}
