import type { Attack } from '../attack.ts'
import { crossing } from '../wat.ts'

export const attack: Attack = {
  name: 'an allocator that never comes back',
  tries: 'to have the host wait for memory for ever',
  guest: {
    kind: 'component',
    wat: crossing({
      type: 'string',
      flat: 'i32 i32',
      attacker: '(call $take (i32.const 16) (i32.const 5))',
      takerRealloc: `(func (export "realloc") (param i32 i32 i32 i32) (result i32) (loop $l (br $l)) unreachable)`,
    }),
    limits: { cpuMs: 500 },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'cpu-time' },
  notAt: { engine: 'nothing bounds the time of a bare instance; its embedder has to' },
  defence: {
    file: 'packages/host/src/node/isolation/lease.ts',
    what: 'time in realloc is time of the guest',
  },
}
