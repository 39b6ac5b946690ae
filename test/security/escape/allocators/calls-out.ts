import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'an allocator that calls out of its component',
  tries: 'to run other components while a value is half-way',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 5))',
      before: `(component $helper (core module $m (func (export "help"))) (core instance $i (instantiate $m))
        (func (export "help") (canon lift (core func $i "help"))))
        (instance $helper (instantiate $helper))`,
      takerArgs: '(with "help" (func $helper "help"))',
      takerBefore: '(import "help" (func $help)) (core func $help (canon lower (func $help)))',
      takerImports: '(import "" "help" (func $help))',
      takerSupply: '(with "" (instance (export "help" (func $help))))',
      takerRealloc: `(func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $help) (i32.const 1024))`,
    }),
  },
  must: { kind: 'trapped', reason: 'abi', saying: 'cannot leave' },

  defence: {
    file: 'packages/component/src/abi/context.ts',
    what: 'a component cannot be left from realloc',
  },
}
