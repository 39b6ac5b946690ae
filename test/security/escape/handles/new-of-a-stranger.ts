import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a component that makes resources of a type it only imports',
  tries: 'to forge what only their owner may make',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(`(component
      (import "r" (type $r (sub resource)))
      (core func (canon resource.new $r)))`),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/validate/component.ts',
    what: 'resource.new is for local types',
  },
}
