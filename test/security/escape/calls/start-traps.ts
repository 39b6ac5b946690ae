import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'a start function that traps',
  tries: 'to fail where nobody looks for a trap',
  guest: {
    kind: 'component',
    wat: alone('(func $s unreachable) (start $s) (func (export "run"))'),
  },
  must: { kind: 'trapped', reason: 'unreachable' },

  defence: { file: 'packages/component/src/component.ts', what: 'instantiation fails like a call' },
}
