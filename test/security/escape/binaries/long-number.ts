import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a section size of six bytes',
  tries: 'to have a number read differently by whoever checks and whoever runs',
  guest: {
    kind: 'bytes',
    bytes: () => new ComponentBuilder().raw([0, 0x82, 0x80, 0x80, 0x80, 0x80, 0, 1, 0x61]).build(),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_MALFORMED' },
  mustInHost: { kind: 'stopped', code: 'ERR_ARTIFACT_MALFORMED' },
  defence: {
    file: 'packages/component/src/binary/reader.ts',
    what: 'a number has at most five bytes',
  },
}
