import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'ten components, each instantiating the one before ten times',
  tries: 'to have ten thousand million instances made by a small file',
  guest: {
    kind: 'bytes',
    bytes: () =>
      parseWat(`(component $top (component $c0)
      ${Array.from({ length: 9 }, (_, i) => `(component $c${i + 1} (alias outer $top $c${i} (component $p)) ${'(instance (instantiate $p)) '.repeat(10)})`).join('\n')}
      (instance (instantiate $c9)))`),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxInstances' },

  defence: {
    file: 'packages/component/src/run/rehearse.ts',
    what: 'instantiation is rehearsed and counted before anything is made',
  },
}
