import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'an allocator that calls what suspends',
  tries: 'to sleep while a value is half-way, and change it meanwhile',
  guest: {
    kind: 'component',
    wat:
      '(import "pause" (func $pause))' +
      crossing({
        type: 'string',
        flat: 'i32 i32',
        attacker: '(call $take (i32.const 16) (i32.const 5))',
        takerArgs: '(with "pause" (func $pause))',
        takerBefore:
          '(import "pause" (func $pause)) (core func $pause (canon lower (func $pause)))',
        takerImports: '(import "" "pause" (func $pause))',
        takerSupply: '(with "" (instance (export "pause" (func $pause))))',
        takerRealloc: `(func (export "realloc") (param i32 i32 i32 i32) (result i32) (call $pause) (i32.const 1024))`,
      }),
  },
  must: { kind: 'trapped', reason: 'suspend' },
  // A worker and a process ask the host and wait, so that nothing has to sleep.
  mustInHost: { kind: 'trapped', reason: 'abi' },
  mustAt: { thread: { kind: 'trapped', reason: 'suspend' } },
  defence: {
    file: 'packages/component/src/abi/trap.ts',
    what: 'a guest sleeps only where nothing of the host is on its stack, and what V8 throws otherwise is a trap',
  },
}
