import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'forty functions without a loop, each calling the one before twice',
  tries: 'to run for ever without going anywhere twice',
  guest: {
    kind: 'component',
    wat: alone(
      `(func $f0) ${Array.from({ length: 40 }, (_, n) => `(func $f${n + 1} (call $f${n}) (call $f${n}))`).join(' ')} (func (export "run") (call $f40))`,
    ),
    limits: { cpuMs: 500 },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'cpu-time' },
  notAt: { engine: 'nothing bounds the time of a bare instance; its embedder has to' },
  defence: {
    file: 'packages/component/src/core/insert-checks.ts',
    what: 'calls that are not over soon are checked',
  },
}
