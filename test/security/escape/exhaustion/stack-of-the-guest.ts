import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'recursion without end',
  tries: 'to crash the host by its stack',
  guest: { kind: 'component', wat: alone('(func $r (export "run") (call $r))') },
  must: { kind: 'trapped', reason: 'stack-overflow' },

  defence: { file: 'packages/component/src/abi/trap.ts', what: 'the end of the stack is a trap' },
}
