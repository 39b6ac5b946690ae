import type { Digest, JsonObject } from '@morphee/core'
import type { AuditLog } from '../audit/index.ts'
import { formatPrincipal } from '../invocation/principal.ts'
import type { Transaction } from '../store/index.ts'
import { type ApprovalRow, toApproval } from './approval-table.ts'
import type { Question } from './question.ts'

/** What happened to a question, and who did it where it was not the one who asked. */
export interface ApprovalEvent {
  readonly what: 'asked' | 'allowed' | 'denied' | 'used' | 'cancelled' | 'expired' | 'interrupted'
  readonly principal?: string
  readonly details?: JsonObject
}

// Whose no it is, where it is one.
const REFUSED_BY: Readonly<Partial<Record<ApprovalEvent['what'], string>>> = {
  denied: 'person',
  expired: 'expired',
  cancelled: 'cancelled',
}

/** Writes what happened to a question into the transaction in which it happens. */
export async function recordApproval(
  audit: AuditLog,
  tx: Transaction,
  row: ApprovalRow,
  question: Question,
  { what, principal, details = {} }: ApprovalEvent,
): Promise<void> {
  const refusedBy = REFUSED_BY[what]
  await audit.eventIn(tx, {
    workspace: row.workspace,
    principal: principal ?? formatPrincipal(question.principal),
    extension: row.extension,
    digest: question.artifact,
    invocation: row.invocation,
    capability: `approval.${what}`,
    target: question.target,
    ...(refusedBy === undefined ? {} : { decision: 'refused', refusedBy }),
    details: {
      approval: row.id,
      permission: question.permission,
      asked: row.digest as Digest,
      ...details,
    },
  })
}

/** {@link recordApproval} of a question that has to be read from its row first. */
export async function recordStored(
  audit: AuditLog,
  tx: Transaction,
  row: ApprovalRow,
  what: ApprovalEvent['what'],
): Promise<void> {
  await recordApproval(audit, tx, row, (await toApproval(row)).question, { what })
}
