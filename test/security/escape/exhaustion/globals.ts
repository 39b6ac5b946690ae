import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a module of 2,000 globals in each of 100 instances',
  tries: 'to take memory outside of the heap that is bounded',
  guest: {
    kind: 'component',
    wat: `
  (core module $m ${'(global i64 (i64.const 0)) '.repeat(2000)})
  ${'(core instance (instantiate $m)) '.repeat(100)}
  (core module $r (func (export "run")))
  (core instance $r (instantiate $r))
  (func (export "run") (canon lift (core func $r "run")))`,
  },
  must: { kind: 'refused', code: 'ERR_COMPONENT_LIMIT', because: 'maxGlobals' },

  defence: {
    file: 'packages/component/src/run/rehearse.ts',
    what: 'globals are counted by instance',
  },
}
