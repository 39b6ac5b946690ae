import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'three hundred instructions that fill 60 MB each, one behind the other',
  tries: 'to run for minutes without a loop or a call',
  guest: {
    kind: 'component',
    wat: alone(
      `(memory 960) (func (export "run") ${'(memory.fill (i32.const 0) (i32.const 1) (i32.const 62000000)) '.repeat(300)})`,
    ),
    limits: { cpuMs: 500 },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'cpu-time' },
  notAt: { engine: 'nothing bounds the time of a bare instance; its embedder has to' },
  size: '300 of 700,000: a worker is ended behind the last of them only, a thread and a process at once',
  defence: {
    file: 'packages/component/src/core/insert-checks.ts',
    what: 'instructions that work as long as they are told are checked',
  },
}
