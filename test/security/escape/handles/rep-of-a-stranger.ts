import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a component that looks behind resources that it only imports',
  tries: 'to read the addresses of another component',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(`(component
      (import "r" (type $r (sub resource)))
      (core func (canon resource.rep $r)))`),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/validate/component.ts',
    what: 'resource.rep is for local types',
  },
}
