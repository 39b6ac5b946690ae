import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

function builtFrom(module: Uint8Array): Uint8Array {
  const c = new ComponentBuilder()
  c.module(module)
  return c.build()
}

export const attack: Attack = {
  name: 'a data segment that says it has 4 GiB',
  tries: 'to have room for it made',
  guest: {
    kind: 'bytes',
    bytes: () =>
      builtFrom(
        Uint8Array.from([
          0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 11, 10, 1, 0, 0x41, 0, 0x0b, 0xff, 0xff, 0xff, 0xff,
          0x0f,
        ]),
      ),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/core/compile-core.ts',
    what: 'what the compiler refuses is a coded error',
  },
}
