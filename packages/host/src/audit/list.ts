import type { Row, SqlValue, Store } from '../store/store.ts'
import type { AuditRecord, ListedAuditRecord } from './record.ts'

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

/** Records of a workspace, newest first. */
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
  const personal = await personalOf(
    store,
    query.workspace,
    rows.map(({ seq }) => seq),
  )
  return rows.map(({ seq, hash, body }) => ({
    ...(JSON.parse(body) as AuditRecord),
    hash,
    personalData: Object.fromEntries(personal.get(seq) ?? []),
  }))
}

async function personalOf(
  store: Store,
  workspace: string,
  seqs: readonly number[],
): Promise<Map<number, [string, string][]>> {
  const found = new Map<number, [string, string][]>()
  const last = seqs[0]
  const first = seqs.at(-1)
  if (first === undefined || last === undefined) return found
  const rows = await store.read<{ seq: number; name: string; content: string } & Row>(
    'SELECT seq, name, content FROM audit_personal WHERE workspace = ? AND seq >= ? AND seq <= ? ORDER BY seq, name',
    [workspace, first, last],
  )
  for (const { seq, name, content } of rows) {
    const pieces = found.get(seq)
    if (pieces === undefined) found.set(seq, [[name, content]])
    else pieces.push([name, content])
  }
  return found
}
