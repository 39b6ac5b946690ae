import type { Row, SqlValue, Transaction } from '../store/store.ts'
import type { AuditHash } from './audit-hash.ts'
import type { PreparedRecord } from './prepared-record.ts'
import { AUDIT_GENESIS, type AuditPosition } from './record.ts'

interface Head {
  seq: number
  hash: string
}

// Several rows a statement save a sixth of the time of a batch. How many is bounded: each text is prepared once and kept.
const ROWS_PER_STATEMENT = 16

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
  const written: SqlValue[][] = []
  const opened: SqlValue[][] = []
  const closed: SqlValue[][] = []
  const personal: SqlValue[][] = []
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
    written.push([
      workspace,
      seq,
      head.hash,
      record.extension ?? null,
      record.invocation ?? null,
      body,
    ])
    if (record.kind === 'intent') opened.push([workspace, seq, writer])
    if (record.intent !== undefined) closed.push([workspace, record.intent])
    for (const { name, salt, content } of record.personal) {
      personal.push([workspace, seq, name, record.time, record.principal ?? null, salt, content])
    }
    positions.push({ workspace, seq })
  }
  await runRows(transaction, written, insertRecords)
  await runRows(transaction, opened, insertIntents)
  await runRows(transaction, closed, deleteIntents)
  await runRows(transaction, personal, insertPersonal)
  return positions
}

type StatementOf = (rows: number) => string

const insertRecords = statementOf(
  'INSERT INTO audit_record (workspace, seq, hash, extension, invocation, body) VALUES ',
  '(?, ?, ?, ?, ?, ?)',
)
const insertIntents = statementOf(
  'INSERT INTO audit_open_intent (workspace, seq, writer) VALUES ',
  '(?, ?, ?)',
)
const insertPersonal = statementOf(
  'INSERT INTO audit_personal (workspace, seq, name, time, principal, salt, content) VALUES ',
  '(?, ?, ?, ?, ?, ?, ?)',
)
const deleteIntents = statementOf(
  'DELETE FROM audit_open_intent WHERE (workspace, seq) IN (VALUES ',
  '(?, ?)',
  ')',
)

function statementOf(before: string, row: string, after = ''): StatementOf {
  const texts = Array.from(
    { length: ROWS_PER_STATEMENT + 1 },
    (_, rows) => before + Array.from({ length: rows }, () => row).join(', ') + after,
  )
  return (rows) => texts[rows] as string
}

async function runRows(
  transaction: Transaction,
  rows: readonly SqlValue[][],
  statement: StatementOf,
): Promise<void> {
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
    const some = rows.slice(at, at + ROWS_PER_STATEMENT)
    await transaction.run(statement(some.length), some.flat())
  }
}

async function headOf(transaction: Transaction, workspace: string): Promise<Head> {
  const row = await transaction.get<{ seq: number; hash: string } & Row>(
    'SELECT seq, hash FROM audit_record WHERE workspace = ? ORDER BY seq DESC LIMIT 1',
    [workspace],
  )
  return { seq: row?.seq ?? 0, hash: row?.hash ?? AUDIT_GENESIS }
}
