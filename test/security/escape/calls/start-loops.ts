import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'a start function that never comes back',
  tries: 'to run for ever before it is called',
  guest: {
    kind: 'component',
    wat: alone('(func $s (loop $l (br $l))) (start $s) (func (export "run"))'),
    limits: { cpuMs: 500 },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'cpu-time' },
  notAt: { engine: 'nothing bounds the time of a bare instance; its embedder has to' },
  defence: {
    file: 'packages/host/src/node/isolation/lease.ts',
    what: 'time of instantiation is time of the guest',
  },
}
