import { buildModule, ComponentBuilder } from '@morphee/testing'
import type { Attack } from '../attack.ts'

function manyFunctions(): Uint8Array {
  const c = new ComponentBuilder()
  const module = c.module(
    buildModule({ funcs: Array.from({ length: 200_000 }, () => ({ body: [] })) }),
  )
  for (let n = 0; n < 900; n++) c.coreInstance(module)
  return c.build()
}

export const attack: Attack = {
  name: 'a core module of 200,000 functions in each of 900 instances',
  tries: 'to have a table of functions made for each',
  guest: { kind: 'bytes', bytes: () => manyFunctions() },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxCoreItems' },

  defence: {
    file: 'packages/component/src/run/rehearse.ts',
    what: 'what core instances hold is counted by instance',
  },
}
