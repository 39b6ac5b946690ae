import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a destructor that drops its own handle again',
  tries: 'to run itself without end, or free twice',
  guest: {
    kind: 'component',
    wat: `
  (core module $t (table (export "t") 1 funcref) (type $f (func (param i32)))
    (func (export "end") (param i32) (call_indirect (type $f) (i32.const 1) (i32.const 0))))
  (core instance $t (instantiate $t))
  (type $r (resource (rep i32) (dtor (core func $t "end"))))
  (core func $new (canon resource.new $r))
  (core func $drop (canon resource.drop $r))
  (core module $m
    (import "" "t" (table 1 funcref))
    (import "" "new" (func $new (param i32) (result i32)))
    (import "" "drop" (func $drop (param i32)))
    (elem (i32.const 0) func $drop)
    (func (export "run") (call $drop (call $new (i32.const 7)))))
  (core instance $m (instantiate $m (with "" (instance
    (export "t" (table $t "t")) (export "new" (func $new)) (export "drop" (func $drop))))))
  (func (export "run") (canon lift (core func $m "run")))`,
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'unknown handle' },

  defence: {
    file: 'packages/component/src/run/handles.ts',
    what: 'a handle is gone before its destructor runs',
  },
}
