import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a component entered again while it holds a borrow of the first call',
  tries: 'to have the borrows of one call counted for the other',
  guest: {
    kind: 'component',
    wat: `
  (type $r (resource (rep i32)))
  (core func $new (canon resource.new $r))
  (core func $drop (canon resource.drop $r))
  (core module $t
    (import "" "new" (func $new (param i32) (result i32)))
    (table (export "t") 1 funcref) (type $f (func (param i32)))
    (func (export "back") (call_indirect (type $f) (call $new (i32.const 2)) (i32.const 0))))
  (core instance $t (instantiate $t (with "" (instance (export "new" (func $new))))))
  (func $back (canon lift (core func $t "back")))
  (component $other
    (import "r" (type $r (sub resource)))
    (import "back" (func $back))
    (core func $drop (canon resource.drop $r))
    (core func $back (canon lower (func $back)))
    (core module $m (import "" "back" (func $back)) (import "" "drop" (func $drop (param i32)))
      (global $again (mut i32) (i32.const 0))
      (func (export "go") (param i32)
        (if (i32.eqz (global.get $again)) (then (global.set $again (i32.const 1)) (call $back)))
        (call $drop (local.get 0))))
    (core instance $m (instantiate $m (with "" (instance (export "back" (func $back)) (export "drop" (func $drop))))))
    (func (export "go") (param "r" (borrow $r)) (canon lift (core func $m "go"))))
  (instance $other (instantiate $other (with "r" (type $r)) (with "back" (func $back))))
  (core func $go (canon lower (func $other "go")))
  (core module $m
    (import "" "t" (table 1 funcref)) (import "" "go" (func $go (param i32)))
    (import "" "new" (func $new (param i32) (result i32))) (import "" "drop" (func $drop (param i32)))
    (elem (i32.const 0) func $go)
    (func (export "run") (local $h i32) (local.set $h (call $new (i32.const 1))) (call $go (local.get $h)) (call $drop (local.get $h))))
  (core instance $m (instantiate $m (with "" (instance (export "t" (table $t "t")) (export "go" (func $go))
    (export "new" (func $new)) (export "drop" (func $drop))))))
  (func (export "run") (canon lift (core func $m "run")))`,
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/run/func.ts',
    what: 'each call has its own account of borrows',
  },
}
