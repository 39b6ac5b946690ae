/** What a record of the audit trail costs: processor time a record, and how long an intent waits, by how many arrive together. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@morphee/core'
import { auditMigrations, createAuditLog } from '@morphee/host'
import { nodeAuditHash, openSqliteStore } from '@morphee/host/node'
import { plainRow, printRows, roundOff, type Row } from './measure.ts'

const RECORDS = process.argv.includes('--quick') ? 1024 : 8192
const entry = {
  workspace: 'wsp_0123456789abcdefghjkmnpqrs',
  principal: 'usr_0123456789abcdefghjkmnpqrs',
  extension: 'acme/jira',
  digest: `sha256:${'a'.repeat(64)}`,
  invocation: 'inv_0123456789abcdefghjkmnpqrs',
  capability: 'http.write',
  target: 'https://acme.atlassian.net/rest/api/3/issue',
}

const directory = mkdtempSync(join(tmpdir(), 'bench-audit-'))
const rows: Row[] = []
try {
  for (const synchronous of ['normal', 'full'] as const) {
    const store = await openSqliteStore({
      path: join(directory, `${synchronous}.db`),
      migrations: auditMigrations,
      synchronous,
    })
    const log = createAuditLog({
      store,
      clock: systemClock,
      hash: nodeAuditHash,
    })
    // The first rows warm the compiler up and are not printed.
    for (const [index, together] of [16, 1, 16, 64, 256].entries()) {
      const latencies: number[] = []
      const before = process.cpuUsage()
      for (let written = 0; written < RECORDS; written += 2 * together) {
        const started = performance.now()
        const intents = await Promise.all(Array.from({ length: together }, () => log.intent(entry)))
        latencies.push((performance.now() - started) * 1000)
        await Promise.all(
          intents.map((intent) =>
            log.outcome(intent, { decision: 'done', bytes: 120, duration: 8 }),
          ),
        )
      }
      const { user, system } = process.cpuUsage(before)
      latencies.sort((a, b) => a - b)
      const at = (share: number): number =>
        Math.round(latencies[Math.floor(latencies.length * share)] ?? 0)
      if (index === 0) continue
      const micros = (user + system) / RECORDS
      const isGoal = synchronous === 'normal' && together >= 16
      const goal = isGoal ? `≤ 5 µs CPU${micros > 5 ? ', not reached' : ''}` : ''
      const what = `audit record, ${together} together, synchronous=${synchronous}`
      rows.push(
        plainRow(what, `${roundOff(micros)} µs CPU, latency ${at(0.5)} (p99 ${at(0.99)})`, goal),
      )
    }
    await log.close()
    await store.close()
  }
} finally {
  rmSync(directory, { recursive: true })
}
printRows(rows)
