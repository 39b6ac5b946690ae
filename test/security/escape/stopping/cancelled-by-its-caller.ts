import type { Attack } from '../attack.ts'
import { extension } from '../wat.ts'

export const attack: Attack = {
  name: 'a loop without end whose caller gives up',
  tries: 'to run on when nobody waits',
  guest: {
    kind: 'extension',
    wat: extension({ invoke: '(loop $l (br $l)) unreachable' }),
    manifest: { limits: { 'cpu-time': '1 s' } },
    drive: async ({ test, extension }) => {
      const controller = new AbortController()
      const call = test.call(extension, 'go', {}, { signal: controller.signal })
      setTimeout(() => controller.abort(), 100)
      await call
    },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_CANCELLED' },
  // A guest that never sleeps holds the thread, so that nobody can take its call back: its limit ends it.
  mustAt: { thread: { kind: 'stopped', code: 'ERR_HOST_LIMIT', limit: 'cpu-time' } },
  defence: {
    file: 'packages/host/src/node/isolation/lease.ts',
    what: 'a call that is taken back ends its guest',
  },
}
