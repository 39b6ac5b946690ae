import type { Store } from '../store/store.ts'
import type { AuditLog } from './audit-log.ts'
import { type AuditVerification, verifyAudit } from './verify.ts'

/** What {@link proveAudit} works with. */
export interface ProveAuditServices {
  readonly store: Store
  readonly audit: AuditLog
  /** Raw Ed25519 key that the host's checkpoints are signed with; without it only damage shows. */
  readonly checkpointKey?: Uint8Array<ArrayBuffer> | undefined
}

/**
 * Signs a checkpoint over all chains where one is missing, then proves the whole audit trail.
 *
 * @throws `ERR_AUDIT_BROKEN` with the place
 */
export async function proveAudit({
  store,
  audit,
  checkpointKey,
}: ProveAuditServices): Promise<AuditVerification> {
  if (checkpointKey === undefined) return verifyAudit({ store })
  const before = await verifyAudit({ store, publicKeys: [checkpointKey] })
  const covered = before.workspaces.every(({ records, provenThrough }) => records === provenThrough)
  // Proven before it is signed: a checkpoint over a broken chain would vouch for the break.
  if (covered) return before
  await audit.checkpoint()
  return verifyAudit({ store, publicKeys: [checkpointKey] })
}
