import { type AuditLog, createAuditLog, createSigner, type Signer } from '../../src/audit/index.ts'
import { nodeAuditHash } from '../../src/node/audit/index.ts'
import { openSqliteStore } from '../../src/node/store/index.ts'
import { auditMigrations, type Store } from '../../src/store/index.ts'

export interface AuditFixture {
  readonly store: Store
  readonly log: AuditLog
  readonly signer: Signer
  /** Milliseconds; one more at each look. */
  time: number
  close(): Promise<void>
}

export async function createAuditFixture(path = ':memory:'): Promise<AuditFixture> {
  const store = await openSqliteStore({ path, migrations: auditMigrations })
  const signer = await newSigner()
  const fixture = {
    store,
    signer,
    time: 1_700_000_000_000,
    log: createAuditLog({
      store,
      clock: { now: () => fixture.time++, monotonic: () => 0 },
      hash: nodeAuditHash,
      signer,
      commitmentKey: async (workspace) => new TextEncoder().encode(`key of ${workspace}`),
    }),
    close: async () => {
      await fixture.log.close()
      await store.close()
    },
  } satisfies AuditFixture
  return fixture
}

export async function newSigner(): Promise<Signer> {
  return createSigner(
    (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair,
  )
}
