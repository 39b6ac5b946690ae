import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a type whose one value takes 256 MiB',
  tries: 'to have room for it made',
  guest: {
    kind: 'bytes',
    bytes: () =>
      new ComponentBuilder().raw([7, 8, 1, 0x67, 0x77, 0x80, 0x80, 0x80, 0x80, 0x01]).build(),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/types/val-type.ts',
    what: 'the size of a value is bounded',
  },
}
