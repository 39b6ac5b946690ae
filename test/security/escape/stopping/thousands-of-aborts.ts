import type { Attack } from '../attack.ts'
import { IS_FULL } from '../size.ts'
import { pausing } from '../wat.ts'

const CALLS = IS_FULL ? 10_000 : 2_000

export const attack: Attack = {
  name: 'thousands of calls taken back while they sleep',
  tries: 'to leave a stack behind each',
  guest: {
    kind: 'embedder',
    drive: async ({ compile }) => {
      const component = await compile(pausing('(memory 16) (func (export "run") (call $pause))'))
      const before = process.memoryUsage().rss
      for (let n = 0; n < CALLS; n++) {
        const controller = new AbortController()
        const instance = await component.instantiate(
          { pause: () => new Promise(() => undefined) },
          { suspending: ['pause'], signal: controller.signal },
        )
        const call = instance.exports['run']?.() as Promise<unknown>
        controller.abort()
        await call.then(
          () => Promise.reject(new Error('it was not stopped')),
          () => undefined,
        )
      }
      // Each has a memory of 1 MiB and a stack: all of them together would be more than 2 GiB.
      const grown = process.memoryUsage().rss - before
      if (grown > 500_000_000) throw new Error(`${grown} bytes are left behind`)
    },
  },
  must: { kind: 'returned' },
  ...(IS_FULL ? {} : { size: '2,000 of 10,000; all with --full' }),
  defence: {
    file: 'packages/component/src/run/store.ts',
    what: 'what is stopped is woken, so that its stack can go',
  },
}
