export { nodeAuditHash } from './audit-hash.ts'
