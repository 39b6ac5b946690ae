import type { Attack } from '../attack.ts'
import { extension } from '../wat.ts'

export const attack: Attack = {
  name: 'a guest that crashes at every call',
  tries: 'to have the host start it for ever',
  guest: {
    kind: 'extension',
    wat: extension({ invoke: 'unreachable' }),
    drive: async ({ test, extension }) => {
      for (let n = 0; n < 5; n++) await test.call(extension, 'go').catch(() => undefined)
      await test.call(extension, 'go')
    },
  },
  must: { kind: 'stopped', code: 'ERR_HOST_QUARANTINED' },

  defence: {
    file: 'packages/host/src/invocation/invoke.ts',
    what: 'repeated crashes quarantine the installation',
  },
}
