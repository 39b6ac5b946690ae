import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a custom section whose name is not UTF-8',
  tries: 'to have two readers see two names',
  guest: { kind: 'bytes', bytes: () => new ComponentBuilder().raw([0, 3, 2, 0xc0, 0xaf]).build() },
  must: { kind: 'refused', code: 'ERR_COMPONENT_MALFORMED' },
  mustInHost: { kind: 'stopped', code: 'ERR_ARTIFACT_MALFORMED' },
  defence: { file: 'packages/component/src/binary/reader.ts', what: 'names are decoded strictly' },
}
