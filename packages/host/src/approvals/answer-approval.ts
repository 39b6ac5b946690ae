// What a person's answer changes: the question itself, those that are alike, and what stands from now on.
import { formatPrincipal } from '../invocation/principal.ts'
import type { Transaction } from '../store/index.ts'
import type { Answer, AnswerRequest, Approval, ApprovalState, Approver } from './approval.ts'
import { changed, coverageRefused, over, unknown } from './approval-errors.ts'
import type { LimitedServices } from './approval-services.ts'
import {
  type ApprovalRow,
  committed,
  findApproval,
  moveApproval,
  noteAnswer,
  rowsInStates,
  toApproval,
} from './approval-table.ts'
import { assertMayAnswer } from './may-answer.ts'
import type { Question } from './question.ts'
import { recordApproval } from './record-approval.ts'

type Allow = Extract<Answer, { kind: 'allow' }>

/** The states in which a question can be answered. */
export const OPEN: readonly ApprovalState[] = ['pending', 'interrupted']
const MAX_UNTIL_MS = 366 * 86_400_000

/**
 * Answers a question that is open. Of two answers, from whichever process, the first counts and the other is told.
 *
 * @throws `ERR_HOST_APPROVAL_UNKNOWN`, `ERR_HOST_APPROVAL_CHANGED`, `ERR_HOST_APPROVAL_OVER`, `ERR_HOST_ARGUMENT`
 */
export async function answerApproval(
  services: LimitedServices,
  { workspace, id, shown, by, answer }: AnswerRequest,
): Promise<Approval> {
  const { store, clock } = services
  const before = await findApproval(committed(store), workspace, id)
  if (before === undefined) throw unknown(id)
  const { question, digest } = await toApproval(before)
  if (shown !== digest) throw changed(id)
  assertMayAnswer(question, by)
  const answered = await store.transaction(async (tx) => {
    const row = await findApproval(tx, workspace, id)
    if (row?.digest !== digest) throw changed(id)
    const isLate = Number(row.expires_at) <= clock.now()
    const state = isLate ? 'expired' : (row.state as ApprovalState)
    if (!OPEN.includes(state)) throw over(id, state)
    if (answer.kind === 'deny') await deny(services, tx, row, question, by)
    else await allow(services, tx, row, question, by, answer)
    return findApproval(tx, workspace, id)
  })
  return toApproval(answered as ApprovalRow)
}

/** Who answers, as the record says it. */
export function approverText({ person }: Approver): string {
  return formatPrincipal({ kind: 'person', id: person })
}

async function deny(
  { clock, audit }: LimitedServices,
  tx: Transaction,
  row: ApprovalRow,
  question: Question,
  by: Approver,
): Promise<void> {
  const principal = approverText(by)
  const open = await rowsInStates(tx, OPEN, row.workspace)
  for (const alike of open.filter(({ digest }) => digest === row.digest)) {
    await moveApproval(tx, alike.id, OPEN, 'denied')
    await noteAnswer(tx, alike.id, principal, clock.now())
    await recordApproval(audit, tx, alike, question, { what: 'denied', principal })
  }
}

async function allow(
  services: LimitedServices,
  tx: Transaction,
  row: ApprovalRow,
  question: Question,
  by: Approver,
  answer: Allow,
): Promise<void> {
  await allowOne(services, tx, row, question, by, answer)
  if (answer.covers === 'once') return
  const now = services.clock.now()
  const expiresAt = assertCoverage(question, answer, now)
  await tx.run(
    `INSERT INTO standing_approval (id, workspace, extension, installation, subject, question, covers, conversation, expires_at, given_at, given_by)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      row.id,
      row.workspace,
      row.extension,
      question.installation,
      row.subject,
      row.question,
      answer.covers,
      answer.covers === 'conversation' ? row.conversation : null,
      expiresAt,
      now,
      approverText(by),
    ],
  )
  for (const one of await rowsInStates(tx, ['pending'], row.workspace)) {
    const isCovered =
      one.subject === row.subject &&
      (answer.covers !== 'conversation' || one.conversation === row.conversation)
    if (isCovered) await allowOne(services, tx, one, question, by, answer)
  }
}

async function allowOne(
  services: LimitedServices,
  tx: Transaction,
  row: ApprovalRow,
  question: Question,
  by: Approver,
  { covers }: Allow,
): Promise<void> {
  const principal = approverText(by)
  await letThrough(services, tx, row, covers)
  await noteAnswer(tx, row.id, principal, services.clock.now())
  const details = { covers }
  await recordApproval(services.audit, tx, row, question, { what: 'allowed', principal, details })
}

// Nobody waits for an interrupted one any more: its yes is kept for one identical call, unless it stands for all of them.
async function letThrough(
  { clock, limits }: LimitedServices,
  tx: Transaction,
  { id }: ApprovalRow,
  covers: Allow['covers'],
): Promise<void> {
  if (await moveApproval(tx, id, ['pending'], 'allowed')) return
  await moveApproval(tx, id, ['interrupted'], covers === 'once' ? 'leased' : 'used')
  if (covers !== 'once') return
  await tx.run('UPDATE approval SET expires_at = ? WHERE id = ?', [
    clock.now() + limits.leaseMs,
    id,
  ])
}

function assertCoverage(
  { askedBy, conversation }: Question,
  answer: Exclude<Allow, { covers: 'once' }>,
  now: number,
): number | null {
  if (askedBy === 'policy')
    throw coverageRefused(
      answer.covers,
      "once: the operator's policy wants a person to be asked each time",
    )
  if (answer.covers === 'conversation' && conversation === null)
    throw coverageRefused('conversation', 'once, until or always: the call has no conversation')
  if (answer.covers !== 'until') return null
  if (!(answer.until > now && answer.until <= now + MAX_UNTIL_MS))
    throw coverageRefused('until', 'a time within the next 366 days')
  return Math.floor(answer.until)
}
