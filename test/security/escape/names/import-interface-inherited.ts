import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'an import of an interface whose function is called value-of',
  tries: 'to be given what every object inherits, a function of the host',
  guest: {
    kind: 'embedder',
    drive: ({ instantiate }) =>
      instantiate('(import "a:b/c" (instance $c (export "value-of" (func))))', { 'a:b/c': {} }),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LINK' },

  defence: {
    file: 'packages/component/src/run/host-imports.ts',
    what: 'what a host offers is its own',
  },
}
