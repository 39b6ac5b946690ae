import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a section that says it is longer than its file',
  tries: 'to have the reader run on',
  guest: { kind: 'bytes', bytes: () => new ComponentBuilder().raw([0, 0x20, 1, 0x61]).build() },
  must: { kind: 'refused', code: 'ERR_COMPONENT_MALFORMED' },
  mustInHost: { kind: 'stopped', code: 'ERR_ARTIFACT_MALFORMED' },
  defence: { file: 'packages/component/src/binary/decode.ts', what: 'a section lies in its file' },
}
