/** A process that writes the audit trail given by its arguments: a database, a workspace, and how many rounds of intents and outcomes. */
import { writeSync } from 'node:fs'
import { systemClock } from '@morphee/core'
import { createAuditLog } from '../../src/audit/index.ts'
import { createProcessWriter, nodeAuditHash } from '../../src/node/audit/index.ts'
import { openSqliteStore } from '../../src/node/store/index.ts'
import { auditMigrations } from '../../src/store/index.ts'

const [path = '', workspace = '', rounds = '0'] = process.argv.slice(2)
const store = await openSqliteStore({ path, migrations: auditMigrations })
const log = createAuditLog({
  store,
  clock: systemClock,
  hash: nodeAuditHash,
  writer: createProcessWriter(),
})
for (let round = 0; round < Number(rounds); round++) {
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const intent = await log.intent({
        workspace,
        capability: 'http.write',
        target: String(process.pid),
      })
      // From here on the effect could have happened.
      announce(`${intent.seq}\n`)
      await log.outcome(intent, { decision: 'done' })
    }),
  )
}
await log.close()
await store.close()

// Before anything else happens; a pipe that its reader is slow to empty takes nothing for a moment.
function announce(line: string): void {
  for (;;) {
    try {
      writeSync(1, line)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}
