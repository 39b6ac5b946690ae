import { beforeEach, expect, it } from 'vitest'
import { auditMigrations, type Store } from '../../src/store/index.ts'
import { type AuditLog, createAuditLog, createSigner, verifyAudit } from '../../src/audit/index.ts'
import { nodeAuditHash } from '../../src/node/audit/index.ts'
import { openSqliteStore } from '../../src/node/store/index.ts'

const workspace = 'wsp_a'
let store: Store
let log: AuditLog
let now = 0

beforeEach(async () => {
  now = 1_700_000_000_000
  store = await openSqliteStore({ path: ':memory:', migrations: auditMigrations })
  log = createAuditLog({
    store,
    clock: { now: () => now++, monotonic: () => now },
    hash: nodeAuditHash,
    signer: await createSigner((await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair),
    commitmentKey: async () => new Uint8Array(32).fill(7),
  })
  return async () => {
    await log.close()
    await store.close()
  }
})

it('intent() and outcome() write one chained record each', async () => {
  const intent = await log.intent({
    workspace,
    principal: 'usr_1',
    extension: 'acme/jira',
    invocation: 'inv_1',
    capability: 'http.write',
    target: 'https://acme.atlassian.net/rest/api/3/issue',
  })
  await log.outcome(intent, { decision: 'done', bytes: 120, duration: 8 })
  const [outcome, before] = await log.list({ workspace })
  expect(before).toMatchObject({ kind: 'intent', seq: 1, decision: 'allowed', prev: '0'.repeat(64) })
  expect(outcome).toMatchObject({ kind: 'outcome', seq: 2, intent: 1, decision: 'done', prev: before?.hash })
})

it('intent() gives concurrent callers distinct places, in the order of their calls', async () => {
  const handles = await Promise.all(
    Array.from({ length: 1000 }, (_, i) => log.intent({ workspace, capability: 'http.read', target: String(i) })),
  )
  expect(handles.map(({ seq }) => seq)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1))
  expect((await verifyAudit({ store })).workspaces).toMatchObject([{ workspace, records: 1000, provenThrough: 0 }])
})
