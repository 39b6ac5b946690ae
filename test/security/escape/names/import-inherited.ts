import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'an import called to-string that nobody offers',
  tries: 'to be given what every object inherits, a function of the host',
  guest: {
    kind: 'embedder',
    drive: ({ instantiate }) =>
      instantiate('(import "to-string" (func $f)) (import "constructor" (func $g))'),
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LINK' },

  defence: {
    file: 'packages/component/src/run/host-imports.ts',
    what: 'what a host offers is its own',
  },
}
