import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

function builtFrom(module: Uint8Array): Uint8Array {
  const c = new ComponentBuilder()
  c.module(module)
  return c.build()
}

export const attack: Attack = {
  name: 'a core module with two table sections',
  tries: 'to have the second one not capped',
  guest: {
    kind: 'bytes',
    bytes: () =>
      builtFrom(
        Uint8Array.from([
          0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 4, 4, 1, 0x70, 0, 1, 4, 4, 1, 0x70, 0, 1,
        ]),
      ),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_MALFORMED' },

  defence: { file: 'packages/component/src/core/module-info.ts', what: 'each section comes once' },
}
