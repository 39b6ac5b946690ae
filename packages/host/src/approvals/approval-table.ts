import { type Digest, digestOf, type Id } from '@morphee/core'
import type { Row, SqlValue, Store, Transaction } from '../store/index.ts'
import type { Approval, ApprovalState, StandingApproval } from './approval.ts'
import { changed } from './approval-errors.ts'
import { tryDecodeQuestion } from './question.ts'
import { MAX_AHEAD_MS } from './steady-clock.ts'

/** One row of the table; `question` are the bytes that are shown. */
export interface ApprovalRow extends Row {
  readonly id: string
  readonly workspace: string
  readonly extension: string
  readonly invocation: string
  readonly conversation: string | null
  readonly digest: string
  readonly subject: string
  readonly question: Uint8Array
  readonly state: string
  readonly writer: string
  readonly asked_at: number
  readonly expires_at: number
  readonly answered_at: number | null
  readonly answered_by: string | null
}

/** One yes that stands. */
export interface StandingRow extends Row {
  readonly id: string
  readonly workspace: string
  readonly extension: string
  readonly question: Uint8Array
  readonly covers: string
  readonly conversation: string | null
  readonly expires_at: number | null
  readonly given_at: number
  readonly given_by: string
}

/** Reads committed rows, or those of a transaction. */
export interface ApprovalReader {
  all<T extends Row>(sql: string, params?: readonly SqlValue[]): Promise<T[]>
}

const COLUMNS =
  'id, workspace, extension, invocation, conversation, digest, subject, question, state, writer, asked_at, expires_at, answered_at, answered_by'
const STANDING_COLUMNS =
  'id, workspace, extension, question, covers, conversation, expires_at, given_at, given_by'

/** A reader outside a transaction. */
export function committed(store: Store): ApprovalReader {
  return { all: (sql, params) => store.read(sql, params) }
}

export async function findApproval(
  from: ApprovalReader,
  workspace: string,
  id: string,
): Promise<ApprovalRow | undefined> {
  const [row] = await from.all<ApprovalRow>(
    `SELECT ${COLUMNS} FROM approval WHERE workspace = ? AND id = ?`,
    [workspace, id],
  )
  return row
}

/** Rows in one of `states`, the oldest first. */
export function rowsInStates(
  from: ApprovalReader,
  states: readonly ApprovalState[],
  workspace?: string,
): Promise<ApprovalRow[]> {
  const marks = states.map(() => '?').join(', ')
  return workspace === undefined
    ? from.all(`SELECT ${COLUMNS} FROM approval WHERE state IN (${marks}) ORDER BY asked_at, id`, [
        ...states,
      ])
    : from.all(
        `SELECT ${COLUMNS} FROM approval WHERE state IN (${marks}) AND workspace = ? ORDER BY asked_at, id`,
        [...states, workspace],
      )
}

export async function insertApproval(tx: Transaction, row: ApprovalRow): Promise<void> {
  await tx.run(
    `INSERT INTO approval (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      row.id,
      row.workspace,
      row.extension,
      row.invocation,
      row.conversation,
      row.digest,
      row.subject,
      row.question,
      row.state,
      row.writer,
      row.asked_at,
      row.expires_at,
      row.answered_at,
      row.answered_by,
    ],
  )
}

/** Moves a row from one of `from` to `to`; `false` when it is in none of them any more. */
export async function moveApproval(
  tx: Transaction,
  id: string,
  from: readonly ApprovalState[],
  to: ApprovalState,
): Promise<boolean> {
  const marks = from.map(() => '?').join(', ')
  const { changes } = await tx.run(
    `UPDATE approval SET state = ? WHERE id = ? AND state IN (${marks})`,
    [to, id, ...from],
  )
  return changes === 1
}

export async function noteAnswer(
  tx: Transaction,
  id: string,
  by: string,
  at: number,
): Promise<void> {
  await tx.run('UPDATE approval SET answered_at = ?, answered_by = ? WHERE id = ?', [at, by, id])
}

/** The yes that waits for one call of this digest. None that was given in the future: the clock was set back since. */
export async function findLease(
  from: ApprovalReader,
  workspace: string,
  digest: string,
  now: number,
): Promise<string | undefined> {
  const [lease] = await from.all<{ id: string }>(
    "SELECT id FROM approval WHERE workspace = ? AND digest = ? AND state = 'leased' AND expires_at > ? AND answered_at <= ? ORDER BY asked_at, id LIMIT 1",
    [workspace, digest, now, now + MAX_AHEAD_MS],
  )
  return lease?.id
}

export async function findStanding(
  from: ApprovalReader,
  workspace: string,
  subject: Digest,
  conversation: string | null,
  now: number,
): Promise<StandingRow | undefined> {
  const [row] = await from.all<StandingRow>(
    `SELECT ${STANDING_COLUMNS} FROM standing_approval
     WHERE workspace = ? AND subject = ? AND (expires_at IS NULL OR (expires_at > ? AND given_at <= ?)) AND (conversation IS NULL OR conversation = ?)`,
    [workspace, subject, now, now + MAX_AHEAD_MS, conversation],
  )
  return row
}

export function listStanding(
  from: ApprovalReader,
  workspace: string,
  now: number,
): Promise<StandingRow[]> {
  // Those from before the clock was set back too: they do not count now, and would again.
  return from.all(
    `SELECT ${STANDING_COLUMNS} FROM standing_approval
     WHERE workspace = ? AND (expires_at IS NULL OR expires_at > ?) ORDER BY given_at DESC, id`,
    [workspace, now],
  )
}

/** A row for people; bytes that are not those of the digest are not shown. @throws `ERR_HOST_APPROVAL_CHANGED` */
export async function toApproval(row: ApprovalRow): Promise<Approval> {
  const bytes = new Uint8Array(row.question)
  const question = tryDecodeQuestion(bytes)
  if (question === undefined || (await digestOf(bytes)) !== row.digest) throw changed(row.id)
  return {
    id: row.id as Id<'approval'>,
    state: row.state as ApprovalState,
    question,
    digest: row.digest as Digest,
    invocation: row.invocation,
    askedAt: Number(row.asked_at),
    expiresAt: Number(row.expires_at),
    answeredBy: row.answered_by ?? undefined,
  }
}

/** @throws `ERR_HOST_APPROVAL_CHANGED` */
export function toStanding(row: StandingRow): StandingApproval {
  const question = tryDecodeQuestion(row.question)
  if (question === undefined) throw changed(row.id)
  return {
    id: row.id as Id<'approval'>,
    covers: row.covers as StandingApproval['covers'],
    question,
    conversation: row.conversation ?? undefined,
    expiresAt: row.expires_at === null ? undefined : Number(row.expires_at),
    givenAt: Number(row.given_at),
    givenBy: row.given_by,
  }
}
