import { buildModule, ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

function missing(name: string): Uint8Array {
  const c = new ComponentBuilder()
  const nothing = c.coreInstance(c.module(buildModule({})))
  c.coreInstance(c.module(buildModule({ imports: [{ module: '', name }] })), { '': nothing })
  return c.build()
}

export const attack: Attack = {
  name: 'a missing import with a name of a megabyte that turns text around',
  tries: 'to fill logs and lead people astray by the message of its refusal',
  guest: { kind: 'bytes', bytes: () => missing(`${'\u202e'}gpj.exe${'x'.repeat(1_000_000)}`) },
  must: { kind: 'refused', code: 'ERR_COMPONENT_INVALID' },

  defence: {
    file: 'packages/component/src/errors.ts',
    what: 'names in messages are bounded and cleaned',
  },
}
