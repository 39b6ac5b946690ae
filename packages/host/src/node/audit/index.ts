export { nodeAuditHash } from './audit-hash.ts'
export { openCheckpointSigner } from './open-checkpoint-signer.ts'
export { createProcessWriter } from './process-writer.ts'
