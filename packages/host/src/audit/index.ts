export {
  type AuditLog,
  type AuditLogOptions,
  type AuditOutcome,
  createAuditLog,
  type ErasureRequest,
  type RecordedRefusal,
} from './audit-log.ts'
export type { AuditHash } from './audit-hash.ts'
export type { Checkpoint, SignedCheckpoint } from './checkpoint.ts'
export { type AuditBreak, AuditError, type AuditErrorDetails } from './errors.ts'
export {
  AUDIT_EXPORT_FORMAT,
  type AuditLinesVerification,
  exportAudit,
  type ExportAuditOptions,
  verifyAuditLines,
  type VerifyAuditLinesOptions,
} from './export.ts'
export type { AuditQuery } from './list.ts'
export type {
  AuditDecision,
  AuditEntry,
  AuditPosition,
  AuditRecord,
  IntentHandle,
  ListedAuditRecord,
} from './record.ts'
export { createSigner, type Signer, signerKeyId } from './signer.ts'
export { type PermissionUse, type PermissionUses, usedPermissions } from './used-permissions.ts'
export {
  type AuditVerification,
  verifyAudit,
  type VerifiedChain,
  type VerifyAuditOptions,
} from './verify.ts'
export type { AuditWriter } from './writer.ts'
