import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'an allocator that makes resources',
  tries: 'to change the table of handles while a value is half-way',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 5))',
      takerBefore: '(type $r (resource (rep i32))) (core func $new (canon resource.new $r))',
      takerImports: '(import "" "new" (func $new (param i32) (result i32)))',
      takerSupply: '(with "" (instance (export "new" (func $new))))',
      takerRealloc: `(func (export "realloc") (param i32 i32 i32 i32) (result i32) (drop (call $new (i32.const 1))) (i32.const 1024))`,
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'cannot leave' },

  defence: {
    file: 'packages/component/src/run/instantiate.ts',
    what: 'resource built-ins are closed while realloc runs',
  },
}
