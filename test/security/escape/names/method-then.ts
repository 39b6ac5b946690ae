import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'a resource with a method called then',
  tries: 'to be called by whoever returns the resource from an async function',
  guest: {
    kind: 'embedder',
    drive: async ({ instantiate }) => {
      const instance = await instantiate(`
        (type $r' (resource (rep i32))) (export $r "r" (type $r'))
        (core func $new (canon resource.new $r'))
        (core module $m (import "" "new" (func $new (param i32) (result i32)))
          (func (export "make") (result i32) (call $new (i32.const 42))) (func (export "then") (param i32) unreachable))
        (core instance $i (instantiate $m (with "" (instance (export "new" (func $new))))))
        (func (export "make") (result (own $r)) (canon lift (core func $i "make")))
        (func (export "[method]r.then") (param "self" (borrow $r)) (canon lift (core func $i "then")))`)
      await instance.exports['make']?.()
      if (instance.death !== undefined) throw new Error('it was called')
    },
  },
  must: { kind: 'returned' },

  defence: {
    file: 'packages/component/src/names/extern-name.ts',
    what: 'members that mean something to JavaScript are renamed',
  },
}
