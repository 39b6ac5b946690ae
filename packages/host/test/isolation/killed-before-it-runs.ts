// A cell of the host's own thread that is killed after its call came in and before the guest was made: ends at once, or never.
import { createThreadCells } from '../../src/node/thread/thread-cell.ts'
import { ACT, buildActingGuest } from './acting-guest.ts'

const cells = createThreadCells()
const cell = cells.open({ onMessage: () => {}, onDeath: () => {} })
await cell.ready
const code = {
  digest: 'sha256:0',
  bytes: await buildActingGuest(),
  modules: undefined,
  limits: { maxMemoryBytes: 8 * 1024 * 1024, maxHandles: 10 },
}
cell.post({ kind: 'code', code }, 1000)
cell.post(
  {
    kind: 'invoke',
    lease: 1,
    digest: code.digest,
    ...{ invocation: 'inv_1', caller: 'person', locale: 'en', timeZone: 'UTC' },
    ...{ action: ACT.hang, input: '', config: [] },
    ...{ remainingMs: 1000, outputBytes: 1, logLines: 1, logLineBytes: 1 },
  },
  1000,
)
await cell.kill()
// Long enough for the component to be compiled and its guest to run, if it does.
await new Promise((resolve) => setTimeout(resolve, 500))
await cells.close?.()
