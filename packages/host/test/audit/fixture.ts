import {
  type AuditLog,
  auditMigrations,
  createAuditLog,
  createSigner,
  type Signer,
  type Store,
} from '@morphee/host'
import { nodeAuditHash, openSqliteStore } from '@morphee/host/node'

export interface AuditFixture {
  readonly store: Store
  readonly log: AuditLog
  readonly signer: Signer
  /** What the clock shows first, in milliseconds; it shows one more at each look. */
  readonly time: number
  close(): Promise<void>
}

export async function createAuditFixture(path = ':memory:'): Promise<AuditFixture> {
  const store = await openSqliteStore({ path, migrations: auditMigrations })
  const signer = await newSigner()
  let time = 1_700_000_000_000
  const log = createAuditLog({
    store,
    clock: { now: () => time++, monotonic: () => 0 },
    hash: nodeAuditHash,
    signer,
    commitmentKey: async (workspace) => new TextEncoder().encode(`key of ${workspace}`),
  })
  return {
    store,
    log,
    signer,
    time,
    close: async () => {
      await log.close()
      await store.close()
    },
  }
}

export async function newSigner(): Promise<Signer> {
  return createSigner(
    (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair,
  )
}
