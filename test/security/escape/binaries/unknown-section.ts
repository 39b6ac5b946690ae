import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a section that does not exist yet',
  tries: 'to have it skipped here and run elsewhere',
  guest: { kind: 'bytes', bytes: () => new ComponentBuilder().raw([99, 0]).build() },
  must: { kind: 'refused', code: 'ERR_COMPONENT_MALFORMED' },

  defence: {
    file: 'packages/component/src/binary/decode.ts',
    what: 'unknown sections are refused',
  },
}
