import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'a loop without end',
  tries: 'to take a processor for ever',
  guest: {
    kind: 'component',
    wat: alone('(func (export "run") (loop $l (br $l)))'),
    limits: { cpuMs: 500 },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'cpu-time' },
  notAt: { engine: 'nothing bounds the time of a bare instance; its embedder has to' },
  defence: {
    file: 'packages/host/src/node/isolation/lease.ts',
    what: 'the time of a call is bounded from outside',
  },
}
