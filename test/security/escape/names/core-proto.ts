import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'core imports and exports called __proto__ and constructor',
  tries: 'to have them found on, or written to, what every object inherits',
  guest: {
    kind: 'component',
    wat: `
  (core module $m (func (export "__proto__") (result i32) (i32.const 1)) (func (export "constructor") (result i32) (i32.const 2)))
  (core instance $m (instantiate $m))
  (core instance $x (export "__proto__" (func $m "__proto__")) (export "toString" (func $m "constructor")))
  (core module $r (import "__proto__" "__proto__" (func $p (result i32))) (import "__proto__" "toString" (func $c (result i32)))
    (func (export "run")
      (if (i32.ne (call $p) (i32.const 1)) (then unreachable))
      (if (i32.ne (call $c) (i32.const 2)) (then unreachable))))
  (core instance $r (instantiate $r (with "__proto__" (instance $x))))
  (func (export "run") (canon lift (core func $r "run")))`,
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/run/instantiate.ts',
    what: 'objects for core imports inherit nothing',
  },
}
