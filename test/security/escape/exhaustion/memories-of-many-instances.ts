import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a small memory in each of 500 instances',
  tries: 'to have the limit for each instead of for all',
  guest: {
    kind: 'component',
    wat: `
  (core module $m (memory 8))
  ${'(core instance (instantiate $m)) '.repeat(500)}
  (core module $r (func (export "run")))
  (core instance $r (instantiate $r))
  (func (export "run") (canon lift (core func $r "run")))`,
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxMemoryBytes' },

  defence: {
    file: 'packages/component/src/run/rehearse.ts',
    what: 'memories are counted by instance, not by module',
  },
}
