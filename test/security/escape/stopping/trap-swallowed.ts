import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a trap of one component that its caller swallows',
  tries: 'to go on beside a component that is half-way',
  guest: {
    kind: 'component',
    wat: `
  (component $callee (core module $m  (func (export "go") unreachable)) (core instance $i (instantiate $m))
    (func (export "go") (canon lift (core func $i "go"))))
  (instance $callee (instantiate $callee))
  (core func $go (canon lower (func $callee "go")))
  (core module $m (import "" "go" (func $go)) (func (export "run") try (call $go) catch_all end))
  (core instance $i (instantiate $m (with "" (instance (export "go" (func $go))))))
  (func (export "run") (canon lift (core func $i "run")))`,
  },
  must: { kind: 'trapped', reason: 'unreachable' },

  defence: {
    file: 'packages/component/src/run/func.ts',
    what: 'a guest is stopped by a trap, which it cannot catch',
  },
}
