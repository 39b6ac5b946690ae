import { buildModule, ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

function exporting(name: string): Uint8Array {
  const c = new ComponentBuilder()
  const core = c.coreInstance(c.module(buildModule({ funcs: [{ body: [], export: 'f' }] })))
  c.export(name, 'func', c.lift(c.coreAlias('func', core, 'f'), {}))
  return c.build()
}

export const attack: Attack = {
  name: 'an export whose name is written backwards',
  tries: 'to show a person another name than it has',
  guest: { kind: 'bytes', bytes: () => exporting('run\u202etxt') },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/names/extern-name.ts',
    what: 'names are words of letters and digits with hyphens',
  },
}
