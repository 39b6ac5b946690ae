import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'two components that call each other until the stack ends',
  tries: 'to have the stack end inside the host, which then forgets what it was doing',
  guest: {
    kind: 'component',
    wat: `
  (core module $t (table (export "t") 1 funcref) (type $f (func))
    (func (export "back") (call_indirect (type $f) (i32.const 0))))
  (core instance $t (instantiate $t))
  (core module $deep (import "" "t" (table 1 funcref)) (type $f (func))
    (func (export "run") try (call_indirect (type $f) (i32.const 0)) catch_all end))
  (core instance $deep (instantiate $deep (with "" (instance (export "t" (table $t "t"))))))
  (func $down (canon lift (core func $deep "run")))
  (core func $again (canon lower (func $down)))
  (core module $m (import "" "t" (table 1 funcref)) (import "" "again" (func $again)) (elem (i32.const 0) func $again))
  (core instance (instantiate $m (with "" (instance (export "t" (table $t "t")) (export "again" (func $again))))))
  (export "run" (func $down))`,
  },
  must: { kind: 'trapped', reason: 'stack-overflow' },

  defence: {
    file: 'packages/component/src/run/func.ts',
    what: 'whatever is thrown between two components ends both',
  },
}
