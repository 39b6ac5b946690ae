import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'a loop without end inside of another that swallows everything',
  tries: 'to go on after it was interrupted',
  guest: {
    kind: 'component',
    wat: alone(
      '(func (export "run") (loop $again try (loop $l (br $l)) catch_all end (br $again)))',
    ),
    limits: { cpuMs: 500 },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'cpu-time' },
  notAt: { engine: 'nothing bounds the time of a bare instance; its embedder has to' },
  defence: {
    file: 'packages/component/src/core/check-code.ts',
    what: 'an interruption is a trap, which cannot be caught',
  },
}
