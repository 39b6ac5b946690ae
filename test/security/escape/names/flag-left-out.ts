import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a flag called constructor that a host function leaves out',
  tries: 'to have what every object inherits taken for a flag',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const instance = await instantiate(
        `
        (import "a:b/c" (instance $c
          (type $f (flags "constructor" "value-of")) (export "f" (type $e (eq $f)))
          (export "ask" (func (result $e)))))
        (core func $ask (canon lower (func $c "ask")))
        (core module $m (import "" "ask" (func $ask (result i32))) (func (export "run") (if (call $ask) (then unreachable))))
        (core instance $m (instantiate $m (with "" (instance (export "ask" (func $ask))))))
        (func (export "run") (canon lift (core func $m "run")))`,
        { 'a:b/c': { ask: () => ({}) } },
      )
      instance.exports['run']?.()
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/abi/lower.ts',
    what: 'what every object inherits is no flag',
  },
}
