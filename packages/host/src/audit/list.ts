import type { Row, SqlValue, Store } from '../store/store.ts'
import { readRecord } from './chain-verifier.ts'
import type { ListedAuditRecord } from './record.ts'

const MAX_PAGE = 1000

/** Which records to list. */
export interface AuditQuery {
  readonly workspace: string
  readonly extension?: string
  readonly invocation?: string
  /** How many at most, 1 to 1,000. @default 100 */
  readonly limit?: number
  /** Only records before this `seq`: the last one of the page before. */
  readonly before?: number
}

/**
 * Records of a workspace, newest first.
 *
 * They are shown as they are stored: {@link verifyAudit} proves them.
 *
 * @throws AuditError `ERR_AUDIT_BROKEN` at a record that is no record any more
 */
export async function listRecords(store: Store, query: AuditQuery): Promise<ListedAuditRecord[]> {
  const conditions = ['workspace = ?']
  const params: SqlValue[] = [query.workspace]
  for (const [condition, value] of [
    ['extension = ?', query.extension],
    ['invocation = ?', query.invocation],
    ['seq < ?', query.before],
  ] as const) {
    if (value === undefined) continue
    conditions.push(condition)
    params.push(value)
  }
  const limit = Math.min(Math.max(1, Math.trunc(query.limit ?? 100) || 1), MAX_PAGE)
  const rows = await store.read<{ seq: number; hash: string; body: string } & Row>(
    `SELECT seq, hash, body FROM audit_record WHERE ${conditions.join(' AND ')} ORDER BY seq DESC LIMIT ?`,
    [...params, limit],
  )
  const newest = rows[0]?.seq
  if (newest === undefined) return []
  // The same records again: not those that were written in between.
  const personal = await store.read<{ seq: number; name: string; content: string } & Row>(
    `SELECT seq, name, content FROM audit_personal WHERE workspace = ? AND seq IN (
       SELECT seq FROM audit_record WHERE ${conditions.join(' AND ')} AND seq <= ? ORDER BY seq DESC LIMIT ?)`,
    [query.workspace, ...params, newest, limit],
  )
  const personalOf = Map.groupBy(personal, ({ seq }) => seq)
  return rows.map(({ seq, hash, body }) => ({
    ...readRecord(query.workspace, seq, body),
    hash,
    personalData: Object.fromEntries(
      (personalOf.get(seq) ?? []).map(({ name, content }) => [name, content]),
    ),
  }))
}
