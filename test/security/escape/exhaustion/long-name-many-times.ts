import { buildModule, ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

function longName(): Uint8Array {
  const name = 'x'.repeat(5_000_000)
  const c = new ComponentBuilder()
  const offers = c.coreInstance(c.module(buildModule({ funcs: [{ body: [], export: name }] })))
  const asks = c.module(buildModule({ imports: [{ module: '', name }] }))
  for (let n = 0; n < 900; n++) c.coreInstance(asks, { '': offers })
  return c.build()
}

export const attack: Attack = {
  name: 'an import with a name of 5 MB, looked up 900 times',
  tries: 'to have time spent that its bytes did not pay for',
  guest: { kind: 'bytes', bytes: () => longName() },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'validation steps' },

  defence: {
    file: 'packages/component/src/validate/component.ts',
    what: 'names are paid for by their length each time they are looked up',
  },
}
