import type { Attack } from '../attack.ts'

const ASKS_RECORD = `
  (import "a:b/c" (instance $c
    (type $o (option u32))
    (type $r (record (field "constructor" $o) (field "to-string" $o)))
    (export "r" (type $e (eq $r)))
    (export "ask" (func (result $e)))))
  (core module $memory (memory (export "memory") 1))
  (core instance $memory (instantiate $memory))
  (core func $ask (canon lower (func $c "ask") (memory (core memory $memory "memory"))))
  (core module $m (import "" "memory" (memory 1)) (import "" "ask" (func $ask (param i32)))
    (func (export "run") (call $ask (i32.const 16)) (if (i32.load8_u (i32.const 16)) (then unreachable))))
  (core instance $m (instantiate $m (with "" (instance (export "memory" (memory $memory "memory")) (export "ask" (func $ask))))))
  (func (export "run") (canon lift (core func $m "run")))`

export const attack: Attack = {
  name: 'a record field called constructor that a host function leaves out',
  tries: 'to have what every object inherits handed to the guest',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const instance = await instantiate(ASKS_RECORD, { 'a:b/c': { ask: () => ({}) } })
      instance.exports['run']?.()
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/abi/lower.ts',
    what: 'what every object inherits is no field',
  },
}
