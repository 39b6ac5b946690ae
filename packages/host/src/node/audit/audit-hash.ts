import { createHmac, hash } from 'node:crypto'
import type { AuditHash } from '../../audit/audit-hash.ts'

/** An {@link AuditHash} by OpenSSL, in the calling thread. */
export const nodeAuditHash: AuditHash = {
  sha256: (text) => hash('sha256', text, 'hex'),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
}
