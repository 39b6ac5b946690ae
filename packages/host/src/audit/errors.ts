import { PlatformError } from '@morphee/core'

/** What each audit error code carries. */
export interface AuditErrorDetails {
  /** A record is not the one that was written at this place of its chain. */
  ERR_AUDIT_BROKEN: { workspace: string; seq: number; reason: AuditBreak }
  /** A checkpoint is not signed by a known key, or not the one that was written. */
  ERR_AUDIT_CHECKPOINT: {
    checkpoint: number
    reason: 'signature' | 'unknown-key' | 'changed' | 'dropped'
  }
  /** A line of an export is not in the form of spec/audit.md. */
  ERR_AUDIT_FORMAT: { line: number }
  /** There is no usable checkpoint key. */
  ERR_AUDIT_KEY: { reason: 'malformed' | 'exposed' | 'not-a-file' | 'unreadable' }
  /** A record could not be written; whatever it announced must not happen. */
  ERR_AUDIT_RECORD: { reason: 'not-written' | 'not-json' | 'too-large' | 'closed' }
}

/**
 * What happened to a record: its content `changed`; records were `dropped` before it; it stands in another's place
 * (`reordered`); it continues, or is, another record than the one that was signed or followed (`forked`); or the chain
 * ends before a checkpoint that names more of it (`tail-missing`).
 */
export type AuditBreak = 'changed' | 'dropped' | 'reordered' | 'forked' | 'tail-missing'

/** The audit trail could not be written, or is not what was written. */
export class AuditError<
  Code extends keyof AuditErrorDetails = keyof AuditErrorDetails,
> extends PlatformError<Code, AuditErrorDetails[Code]> {
  override readonly name = 'AuditError'
}
