import type { Transaction } from '../store/index.ts'
import type { LimitedServices } from './approval-services.ts'
import { type ApprovalRow, findLease, findStanding, moveApproval } from './approval-table.ts'
import type { EncodedQuestion, Question } from './question.ts'
import { recordApproval } from './record-approval.ts'

/** Whether an earlier yes covers the question: one that stands, or the lease of an identical call, which is used up by it. */
export async function coveredAlready(
  { clock, audit }: LimitedServices,
  tx: Transaction,
  row: ApprovalRow,
  question: Question,
  { subject }: EncodedQuestion,
): Promise<boolean> {
  const { workspace, invocation } = row
  const now = clock.now()
  const use = (id: string, covers: string): Promise<void> =>
    recordApproval(audit, tx, { ...row, id }, question, {
      what: 'used',
      details: { covers, invocation },
    })
  const standing = await findStanding(tx, workspace, subject, row.conversation, now)
  if (standing !== undefined) {
    await use(standing.id, standing.covers)
    return true
  }
  const lease = await findLease(tx, workspace, row.digest, now)
  if (lease === undefined || !(await moveApproval(tx, lease, ['leased'], 'used'))) return false
  await use(lease, 'once')
  return true
}
