import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

function builtFrom(module: Uint8Array): Uint8Array {
  const c = new ComponentBuilder()
  c.module(module)
  return c.build()
}

export const attack: Attack = {
  name: 'a function that returns a number where a reference is promised',
  tries: 'to make references from numbers',
  guest: {
    kind: 'bytes',
    bytes: () =>
      builtFrom(
        Uint8Array.from([
          0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x6f, 3, 2, 1, 0, 10, 6, 1, 4, 0,
          0x41, 7, 0x0b,
        ]),
      ),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/core/compile-core.ts',
    what: 'what the compiler refuses is a coded error',
  },
}
