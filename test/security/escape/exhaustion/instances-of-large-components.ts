import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a component of a thousand definitions instantiated five hundred times',
  tries: 'to multiply what a definition costs',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(`(component $top (component $c ${'(core module $m (func (export "f"))) (core instance $i (instantiate $m))'} ${'(alias core export $i "f" (core func))'.repeat(1000)})
      ${'(instance (instantiate $c)) '.repeat(400)})`),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxDefinitions' },

  defence: {
    file: 'packages/component/src/run/rehearse.ts',
    what: 'definitions are counted by instance',
  },
}
