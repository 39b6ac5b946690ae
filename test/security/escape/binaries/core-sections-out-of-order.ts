import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

function builtFrom(module: Uint8Array): Uint8Array {
  const c = new ComponentBuilder()
  c.module(module)
  return c.build()
}

export const attack: Attack = {
  name: 'a core module with its memories behind its code',
  tries: 'to have them found by the compiler and not by who caps them',
  guest: {
    kind: 'bytes',
    bytes: () =>
      builtFrom(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 10, 1, 0, 5, 3, 1, 0, 1])),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_MALFORMED' },

  defence: {
    file: 'packages/component/src/core/module-info.ts',
    what: 'sections come in their order',
  },
}
