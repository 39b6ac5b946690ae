import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a borrowed handle that is kept after the call',
  tries: 'to use a resource after its owner took it back',
  guest: {
    kind: 'component',
    wat: `
  (component $owner
    (type $r' (resource (rep i32))) (export $r "r" (type $r'))
    (core func $new (canon resource.new $r'))
    (core module $m (import "" "new" (func $new (param i32) (result i32)))
      (func (export "make") (result i32) (call $new (i32.const 42)))
      (func (export "eat") (param i32)))
    (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
    (func (export "make") (result (own $r)) (canon lift (core func $i "make")))
    (func (export "eat") (param "r" (own $r)) (canon lift (core func $i "eat"))))
  (instance $owner (instantiate $owner))
  (component $keeper
    (import "owner" (instance $owner (export "r" (type $r (sub resource))) (export "eat" (func (param "r" (own $r))))))
    (alias export $owner "r" (type $r))
    (core func $drop (canon resource.drop $r))
    (core func $eat (canon lower (func $owner "eat")))
    (core module $m (import "" "drop" (func $drop (param i32))) (import "" "eat" (func $eat (param i32)))
      (global $kept (mut i32) (i32.const 0))
      (func (export "keep") (param i32) (global.set $kept (local.get 0))))
    (core instance $i (instantiate $m (with "" (instance (export "drop" (func $drop)) (export "eat" (func $eat))))))
    (func (export "keep") (param "r" (borrow $r)) (canon lift (core func $i "keep"))))
  (instance $keeper (instantiate $keeper (with "owner" (instance $owner))))
  (component $lender
    (import "owner" (instance $owner (export "r" (type $r (sub resource))) (export "make" (func (result (own $r))))))
    (alias export $owner "r" (type $r))
    (import "keep" (func $keep (param "r" (borrow $r))))
    (core func $make (canon lower (func $owner "make")))
    (core func $keep (canon lower (func $keep)))
    (core module $m (import "" "make" (func $make (result i32))) (import "" "keep" (func $keep (param i32)))
      (func (export "run") (local $h i32) (local.set $h (call $make)) (call $keep (local.get $h)) (call $keep (local.get $h))))
    (core instance $m (instantiate $m (with "" (instance (export "make" (func $make)) (export "keep" (func $keep))))))
    (func (export "run") (canon lift (core func $m "run"))))
  (instance $lender (instantiate $lender (with "owner" (instance $owner)) (with "keep" (func $keeper "keep"))))
  (export "run" (func $lender "run"))`,
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'borrow handles still remain' },

  defence: {
    file: 'packages/component/src/abi/context.ts',
    what: 'a call that holds borrows cannot return',
  },
}
