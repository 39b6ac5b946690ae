import type { Attack } from '../attack.ts'
import { pausing } from '../wat.ts'

export const attack: Attack = {
  name: 'a loop without end that sleeps now and then',
  tries: 'to have its clock start anew at every host call',
  guest: {
    kind: 'component',
    wat: pausing('(func (export "run") (loop $l (call $pause) (br $l)))'),
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'host-calls' },
  notAt: { engine: 'nothing bounds the time of a bare instance; its embedder has to' },
  defence: {
    file: 'packages/host/src/capabilities/create-host-calls.ts',
    what: 'host calls are counted over the whole call',
  },
}
