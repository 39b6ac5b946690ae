import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'an exception thrown through a call between components',
  tries: 'to carry references from one component to another',
  guest: {
    kind: 'component',
    wat: `
  (component $callee (core module $m (tag $t) (func (export "go") (throw $t))) (core instance $i (instantiate $m))
    (func (export "go") (canon lift (core func $i "go"))))
  (instance $callee (instantiate $callee))
  (core func $go (canon lower (func $callee "go")))
  (core module $m (import "" "go" (func $go)) (func (export "run") try (call $go) catch_all end))
  (core instance $i (instantiate $m (with "" (instance (export "go" (func $go))))))
  (func (export "run") (canon lift (core func $i "run")))`,
  },
  must: { kind: 'trapped', reason: 'uncaught-exception' },

  defence: {
    file: 'packages/component/src/run/func.ts',
    what: 'nothing thrown on the far side comes through a call',
  },
}
