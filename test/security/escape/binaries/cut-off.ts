import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a component that ends in the middle of a number',
  tries: 'to have the reader go on behind the end',
  guest: { kind: 'bytes', bytes: () => new ComponentBuilder().raw([7, 0x80]).build() },
  must: { kind: 'refused', code: 'ERR_COMPONENT_MALFORMED' },
  mustInHost: { kind: 'stopped', code: 'ERR_ARTIFACT_MALFORMED' },
  defence: {
    file: 'packages/component/src/binary/reader.ts',
    what: 'the end of the bytes is the end',
  },
}
