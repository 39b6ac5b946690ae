import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a thousand core modules',
  tries: 'to have a thousand modules compiled',
  guest: { kind: 'component', wat: `${'(core module) '.repeat(1000)}` },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxModules' },

  defence: {
    file: 'packages/component/src/validate/component.ts',
    what: 'the number of modules is bounded',
  },
}
