import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

function builtFrom(module: Uint8Array): Uint8Array {
  const c = new ComponentBuilder()
  c.module(module)
  return c.build()
}

export const attack: Attack = {
  name: 'a function of four billion locals',
  tries: 'to have a frame of 16 GiB',
  guest: {
    kind: 'bytes',
    bytes: () =>
      builtFrom(
        Uint8Array.from([
          0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 10, 1, 8, 1, 0xff,
          0xff, 0xff, 0xff, 0x0f, 0x7f, 0x0b,
        ]),
      ),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/core/compile-core.ts',
    what: 'what the compiler refuses is a coded error',
  },
}
