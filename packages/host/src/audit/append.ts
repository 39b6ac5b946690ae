import type { Row, Transaction } from '../store/store.ts'
import type { AuditHash } from './audit-hash.ts'
import type { PreparedRecord } from './prepared-record.ts'
import { AUDIT_GENESIS, type AuditPosition } from './record.ts'

interface Head {
  seq: number
  hash: string
}

/**
 * Appends records to their chains inside the caller's transaction.
 *
 * Heads are read here and not remembered: another process may have appended a moment ago, and a chain that forks cannot
 * be mended.
 */
export async function appendRecords(
  transaction: Transaction,
  records: readonly PreparedRecord[],
  hash: AuditHash,
  writer: string,
): Promise<AuditPosition[]> {
  const heads = new Map<string, Head>()
  const positions: AuditPosition[] = []
  for (const record of records) {
    const { workspace } = record
    let head = heads.get(workspace)
    if (head === undefined) {
      head = await headOf(transaction, workspace)
      heads.set(workspace, head)
    }
    const seq = head.seq + 1
    const body = record.body(seq, head.hash)
    head.hash = hash.sha256(body)
    head.seq = seq
    await transaction.run(
      'INSERT INTO audit_record (workspace, seq, hash, extension, invocation, body) VALUES (?, ?, ?, ?, ?, ?)',
      [workspace, seq, head.hash, record.extension ?? null, record.invocation ?? null, body],
    )
    if (record.kind === 'intent') {
      await transaction.run(
        'INSERT INTO audit_open_intent (workspace, seq, writer) VALUES (?, ?, ?)',
        [workspace, seq, writer],
      )
    }
    if (record.intent !== undefined) {
      await transaction.run('DELETE FROM audit_open_intent WHERE workspace = ? AND seq = ?', [
        workspace,
        record.intent,
      ])
    }
    for (const { name, salt, content } of record.personal) {
      await transaction.run(
        'INSERT INTO audit_personal (workspace, seq, name, time, principal, salt, content) VALUES (?, ?, ?, ?, ?, ?, ?)',
        [workspace, seq, name, record.time, record.principal ?? null, salt, content],
      )
    }
    positions.push({ workspace, seq })
  }
  return positions
}

async function headOf(transaction: Transaction, workspace: string): Promise<Head> {
  const row = await transaction.get<{ seq: number; hash: string } & Row>(
    'SELECT seq, hash FROM audit_record WHERE workspace = ? ORDER BY seq DESC LIMIT 1',
    [workspace],
  )
  return { seq: row?.seq ?? 0, hash: row?.hash ?? AUDIT_GENESIS }
}
