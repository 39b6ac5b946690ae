import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a section size of 2^34',
  tries: 'to have a size wrap to a small one',
  guest: {
    kind: 'bytes',
    bytes: () => new ComponentBuilder().raw([7, 0xff, 0xff, 0xff, 0xff, 0x7f]).build(),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_MALFORMED' },
  mustInHost: { kind: 'stopped', code: 'ERR_ARTIFACT_MALFORMED' },
  defence: { file: 'packages/component/src/binary/reader.ts', what: 'a number fits 32 bits' },
}
