import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'post-return that calls out of its component',
  tries: 'to run other components after its call has ended',
  guest: {
    kind: 'component',
    wat: `
  (component $helper (core module $m (func (export "help"))) (core instance $i (instantiate $m))
    (func (export "help") (canon lift (core func $i "help"))))
  (instance $helper (instantiate $helper))
  (core func $help (canon lower (func $helper "help")))
  (core module $m (import "" "help" (func $help)) (func (export "run")) (func (export "post") (call $help)))
  (core instance $i (instantiate $m (with "" (instance (export "help" (func $help))))))
  (func (export "run") (canon lift (core func $i "run") (post-return (core func $i "post"))))`,
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'cannot leave' },

  defence: {
    file: 'packages/component/src/run/func.ts',
    what: 'a component cannot be left from post-return',
  },
}
