import type { Attack } from '../attack.ts'
import { holding } from '../wat.ts'

export const attack: Attack = {
  name: 'the handle 0',
  tries: 'to reach whatever zeroed memory stands for',
  guest: { kind: 'component', wat: holding('(call $eat (i32.const 0))') },
  must: { kind: 'trapped', reason: 'abi', saying: 'unknown handle' },

  defence: { file: 'packages/component/src/run/handles.ts', what: 'index 0 is never used' },
}
