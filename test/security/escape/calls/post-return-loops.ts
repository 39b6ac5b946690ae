import type { Attack } from '../attack.ts'

export const attack: Attack = {
  name: 'post-return that never comes back',
  tries: 'to go on after its result was taken',
  guest: {
    kind: 'component',
    wat: `
  (core module $m (func (export "run")) (func (export "post") (loop $l (br $l))))
  (core instance $i (instantiate $m))
  (func (export "run") (canon lift (core func $i "run") (post-return (core func $i "post"))))`,
    limits: { cpuMs: 500 },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'cpu-time' },
  notAt: { engine: 'nothing bounds the time of a bare instance; its embedder has to' },
  defence: {
    file: 'packages/host/src/node/isolation/lease.ts',
    what: 'time in post-return is time of the guest',
  },
}
