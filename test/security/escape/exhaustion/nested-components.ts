import { parseWat } from '../../../../packages/component/test/toolchain.ts'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'components inside each other, a hundred deep',
  tries: 'to end the stack of whoever reads them',
  guest: { kind: 'bytes', bytes: () => parseWat(`${'(component '.repeat(100)}${')'.repeat(100)}`) },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxNesting' },
  mustInHost: { kind: 'stopped', code: 'ERR_ARTIFACT_MALFORMED' },
  defence: {
    file: 'packages/component/src/binary/decode.ts',
    what: 'nesting of components is bounded',
  },
}
