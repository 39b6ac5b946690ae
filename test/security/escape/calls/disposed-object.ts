import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a resource used outside after it was disposed of',
  tries: 'to reach what is freed',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const instance = await instantiate(`
        (type $r' (resource (rep i32))) (export $r "r" (type $r'))
        (core func $new (canon resource.new $r'))
        (core module $m (import "" "new" (func $new (param i32) (result i32)))
          (func (export "make") (result i32) (call $new (i32.const 42))) (func (export "use") (param i32)))
        (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
        (func (export "make") (result (own $r)) (canon lift (core func $i "make")))
        (func (export "use") (param "r" (borrow $r)) (canon lift (core func $i "use")))`)
      const made = instance.exports['make']?.() as Disposable
      made[Symbol.dispose]()
      try {
        instance.exports['use']?.(made)
      } catch (error) {
        if (error instanceof TypeError) return
        throw error
      }
      throw new Error('it was taken')
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/run/handles.ts',
    what: 'an object that was disposed of stands for nothing',
  },
}
