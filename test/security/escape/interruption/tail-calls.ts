import type { Attack } from '../attack.ts'
import { alone } from '../wat.ts'

export const attack: Attack = {
  name: 'functions that end by calling each other',
  tries: 'to run for ever without a loop and without a stack',
  guest: {
    kind: 'component',
    wat: alone(
      '(func $a (return_call $b)) (func $b (return_call $a)) (func (export "run") (call $a))',
    ),
    limits: { cpuMs: 500 },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'cpu-time' },
  notAt: { engine: 'nothing bounds the time of a bare instance; its embedder has to' },
  defence: {
    file: 'packages/component/src/core/insert-checks.ts',
    what: 'calls that are not over soon are checked, those at the end of a function too',
  },
}
