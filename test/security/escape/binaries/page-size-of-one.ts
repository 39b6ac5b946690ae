import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

function builtFrom(module: Uint8Array): Uint8Array {
  const c = new ComponentBuilder()
  c.module(module)
  return c.build()
}

export const attack: Attack = {
  name: 'a memory with pages of one byte',
  tries: 'to have a count of pages be a count of bytes',
  guest: {
    kind: 'bytes',
    bytes: () => builtFrom(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 4, 1, 8, 1, 0])),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_UNSUPPORTED', because: 'custom-page-sizes' },

  defence: {
    file: 'packages/component/src/core/val-type.ts',
    what: 'page sizes are refused by name',
  },
}
