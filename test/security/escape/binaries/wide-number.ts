import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a section size that is 2 in 32 bits and far more in 35',
  tries: 'to have a size wrap to a small one',
  guest: {
    kind: 'bytes',
    bytes: () => new ComponentBuilder().raw([0, 0x82, 0x80, 0x80, 0x80, 0x70, 1, 0x61]).build(),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_MALFORMED' },
  mustInHost: { kind: 'stopped', code: 'ERR_ARTIFACT_MALFORMED' },
  defence: { file: 'packages/component/src/binary/reader.ts', what: 'a number fits 32 bits' },
}
