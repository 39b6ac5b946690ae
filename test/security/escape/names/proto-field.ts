import { ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

function builtFrom(field: string): Uint8Array {
  const c = new ComponentBuilder()
  c.type({ kind: 'record', fields: [{ name: field, type: { kind: 'u32' } }] })
  return c.build()
}

export const attack: Attack = {
  name: 'a record field called __proto__',
  tries: 'to have the prototype of a record of the host replaced',
  guest: { kind: 'bytes', bytes: () => builtFrom('__proto__') },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/names/extern-name.ts',
    what: 'names are words of letters and digits with hyphens',
  },
}
