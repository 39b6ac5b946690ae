import type { Approver, StandingApproval } from './approval.ts'
import { approverText } from './answer-approval.ts'
import { unknown } from './approval-errors.ts'
import type { LimitedServices } from './approval-services.ts'
import { committed, listStanding, toStanding } from './approval-table.ts'
import { assertMayAnswer } from './may-answer.ts'

/** Every yes that stands in a workspace, the newest first. */
export async function standingApprovals(
  { store, clock }: LimitedServices,
  workspace: string,
): Promise<readonly StandingApproval[]> {
  return (await listStanding(committed(store), workspace, clock.now())).map(toStanding)
}

/** Takes back a yes that stands. @throws `ERR_HOST_APPROVAL_UNKNOWN` */
export async function revokeStanding(
  { store, audit, clock }: LimitedServices,
  workspace: string,
  id: string,
  by: Approver,
): Promise<void> {
  await store.transaction(async (tx) => {
    const row = (await listStanding(tx, workspace, clock.now())).find((one) => one.id === id)
    if (row === undefined) throw unknown(id)
    const { question } = toStanding(row)
    assertMayAnswer(question, by)
    await tx.run('DELETE FROM standing_approval WHERE id = ?', [id])
    await audit.eventIn(tx, {
      workspace,
      principal: approverText(by),
      extension: row.extension,
      capability: 'approval.revoked',
      target: question.target,
      details: { approval: id, covers: row.covers },
    })
  })
}
