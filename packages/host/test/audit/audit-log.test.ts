import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuditLog, exportAudit, type Store, verifyAudit } from '@morphee/host'
import { nodeAuditHash } from '@morphee/host/node'
import { beforeEach, expect, it } from 'vitest'
import { type AuditFixture, createAuditFixture } from './fixture.ts'

const workspace = 'wsp_a'
let fixture: AuditFixture
let log: AuditFixture['log']
let store: Store

beforeEach(async () => {
  fixture = await createAuditFixture()
  ;({ log, store } = fixture)
  return () => fixture.close()
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
  expect(before).toMatchObject({
    kind: 'intent',
    seq: 1,
    decision: 'allowed',
    prev: '0'.repeat(64),
  })
  expect(outcome).toMatchObject({
    kind: 'outcome',
    seq: 2,
    intent: 1,
    decision: 'done',
    extension: 'acme/jira',
    invocation: 'inv_1',
    prev: before?.hash,
  })
  expect(await verifyAudit({ store })).toMatchObject({
    workspaces: [{ workspace, records: 2 }],
    proven: undefined,
  })
})

it('the record in the database is canonical JSON that anyone can hash', async () => {
  await log.event({
    workspace,
    capability: 'install',
    bytes: 3,
    details: { b: 1, a: 'ä' },
    repeated: 1,
  } as never)
  expect(await store.read('SELECT body FROM audit_record')).toEqual([
    {
      body: `{"bytes":3,"capability":"install","decision":"done","details":{"a":"ä","b":1},"kind":"event","prev":"${'0'.repeat(64)}","seq":1,"time":1700000000000,"workspace":"wsp_a"}`,
    },
  ])
})

it('intent() gives concurrent callers distinct places, in the order of their calls', async () => {
  const handles = await Promise.all(
    Array.from({ length: 1000 }, (_, i) =>
      log.intent({ workspace, capability: 'http.read', target: String(i) }),
    ),
  )
  expect(handles.map(({ seq }) => seq)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1))
  expect((await verifyAudit({ store })).workspaces).toMatchObject([
    { records: 1000, provenThrough: 0 },
  ])
})

it('intent() shares one transaction among callers of one turn', async () => {
  let transactions = 0
  const counting: Store = {
    read: (sql, params) => store.read(sql, params),
    transaction: (work) => {
      transactions++
      return store.transaction(work)
    },
    close: async () => undefined,
  }
  const own = createAuditLog({
    store: counting,
    clock: { now: () => 1, monotonic: () => 1 },
    hash: nodeAuditHash,
  })
  await Promise.all(
    Array.from({ length: 64 }, () => own.intent({ workspace, capability: 'http.read' })),
  )
  expect(transactions).toBe(1)
})

it('intent() rejects, when the record cannot be written', async () => {
  const broken: Store = { ...store, transaction: () => Promise.reject(new Error('disk')) }
  const own = createAuditLog({
    store: broken,
    clock: { now: () => 1, monotonic: () => 1 },
    hash: nodeAuditHash,
  })
  await expect(own.intent({ workspace, capability: 'http.write' })).rejects.toMatchObject({
    code: 'ERR_AUDIT_RECORD',
    details: { reason: 'not-written' },
  })
})

for (const [name, entry, reason] of [
  ['a number that JSON has not', { details: { n: Number.NaN } }, 'not-json'],
  ['half a surrogate pair', { target: 'a\ud800' }, 'not-json'],
  ['70,000 characters', { target: 'x'.repeat(70_000) }, 'too-large'],
] as const) {
  it(`intent() refuses ${name} alone, not the others of its batch`, async () => {
    const results = await Promise.allSettled([
      log.intent({ workspace, capability: 'a' }),
      log.intent({ workspace, capability: 'b', ...entry }),
      log.intent({ workspace, capability: 'c' }),
    ])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({ reason: { code: 'ERR_AUDIT_RECORD', details: { reason } } })
    expect((await verifyAudit({ store })).workspaces).toMatchObject([{ records: 2 }])
  })
}

it('text of strangers in a record cannot break out of its member', async () => {
  const attack = '","seq":9,"x":"\u2028\n\\'
  await log.event({
    workspace,
    capability: attack,
    target: attack,
    principal: attack,
    extension: attack,
  })
  expect(await log.list({ workspace })).toMatchObject([
    { seq: 1, capability: attack, target: attack },
  ])
  await verifyAudit({ store })
})

it('outcome() is written once for each intent', async () => {
  const intent = await log.intent({ workspace, capability: 'http.write' })
  await log.outcome(intent, { decision: 'done' })
  await expect(log.outcome(intent, { decision: 'failed' })).rejects.toThrow(TypeError)
})

it("eventIn() is committed with the caller's change or not at all", async () => {
  await expect(
    store.transaction(async (transaction) => {
      await log.eventIn(transaction, { workspace, capability: 'grant' })
      throw new Error('undo')
    }),
  ).rejects.toThrow('undo')
  await store.transaction((transaction) =>
    log.eventIn(transaction, { workspace, capability: 'install' }),
  )
  expect(await log.list({ workspace })).toMatchObject([{ seq: 1, capability: 'install' }])
})

it('close() writes what is pending and refuses what comes after', async () => {
  const pending = log.event({ workspace, capability: 'a' })
  await log.close()
  expect(await pending).toEqual({ workspace, seq: 1 })
  await expect(log.event({ workspace, capability: 'b' })).rejects.toMatchObject({
    code: 'ERR_AUDIT_RECORD',
    details: { reason: 'closed' },
  })
})

it('refusal() makes one record of the first and one counted record of the rest', async () => {
  const refusal = {
    workspace,
    invocation: 'inv_1',
    extension: 'a/b',
    capability: 'http.read',
    target: 'https://evil',
    refusedBy: 'grant',
  }
  const counts = []
  for (let i = 0; i < 50; i++)
    counts.push((await log.refusal({ ...refusal, duration: i })).repeated)
  expect(counts.at(-1)).toBe(50)
  expect((await log.refusal({ ...refusal, target: 'https://other' })).repeated).toBe(1)
  expect((await log.refusal({ ...refusal, invocation: 'inv_2' })).repeated).toBe(1)
  await log.settle(workspace, 'inv_1')
  const records = await log.list({ workspace })
  expect(records).toHaveLength(4)
  expect(records[0]).toMatchObject({
    decision: 'refused',
    refusedBy: 'grant',
    target: 'https://evil',
    repeated: 49,
  })
  await log.settle(workspace, 'inv_1')
  expect(await log.list({ workspace })).toHaveLength(4)
})

it('refusal() loses no more than a thousand counts to a crash', async () => {
  const refusal = { workspace, invocation: 'inv_1', capability: 'http.read', refusedBy: 'grant' }
  for (let i = 0; i < 1001; i++) await log.refusal(refusal)
  expect(await log.list({ workspace })).toMatchObject([{ repeated: 1000 }, { seq: 1 }])
})

it('refusing a guest ever new things is written and remembered within bounds', async () => {
  const refusal = { workspace, invocation: 'inv_1', capability: 'http.read', refusedBy: 'grant' }
  for (let i = 0; i < 2; i++) await log.refusal({ ...refusal, target: 'first' })
  for (let i = 0; i < 64; i++) await log.refusal({ ...refusal, target: String(i) })
  expect((await log.list({ workspace, limit: 1 }))[0]).toMatchObject({
    target: 'first',
    repeated: 1,
  })
  expect((await log.refusal({ ...refusal, target: 'first' })).repeated).toBe(1)
  expect((await log.refusal({ ...refusal, target: '63' })).repeated).toBe(2)
})

it('refusal() counts nothing, when the first could not be written', async () => {
  const refusal = { workspace, invocation: 'inv_1', capability: 'http.read', target: 'a\ud800' }
  await expect(log.refusal(refusal)).rejects.toThrowCode('ERR_AUDIT_RECORD')
  await expect(log.refusal(refusal)).rejects.toThrowCode('ERR_AUDIT_RECORD')
})

it('close() writes counted refusals', async () => {
  const refusal = { workspace, invocation: 'inv_1', capability: 'http.read', refusedBy: 'grant' }
  await log.refusal(refusal)
  await log.refusal(refusal)
  await log.close()
  expect(await log.list({ workspace })).toMatchObject([{ repeated: 1 }, { seq: 1 }])
})

it('recover() gives intents of writers that are gone the outcome unknown, and leaves live ones alone', async () => {
  const clock = { now: () => 5, monotonic: () => 5 }
  const gone = createAuditLog({ store, clock, hash: nodeAuditHash })
  await gone.intent({ workspace, capability: 'http.write', invocation: 'inv_1', target: 't' })
  const done = await gone.intent({ workspace, capability: 'http.write' })
  await gone.outcome(done, { decision: 'done' })
  const live = await log.intent({ workspace, capability: 'http.read' })
  const next = createAuditLog({ store, clock, hash: nodeAuditHash })
  expect(await next.recover()).toBe(0)
  await gone.close()
  expect(await next.recover()).toBe(1)
  expect(await next.recover()).toBe(0)
  expect((await log.list({ workspace }))[0]).toMatchObject({
    kind: 'outcome',
    intent: 1,
    decision: 'unknown',
    invocation: 'inv_1',
    target: 't',
  })
  await log.outcome(live, { decision: 'done' })
  await next.close()
  await verifyAudit({ store })
})

it('recover() takes any number of intents', async () => {
  const gone = createAuditLog({
    store,
    clock: { now: () => 5, monotonic: () => 5 },
    hash: nodeAuditHash,
  })
  await Promise.all(
    Array.from({ length: 600 }, (_, i) =>
      gone.intent({ workspace: `wsp_${i % 3}`, capability: 'x' }),
    ),
  )
  await gone.close()
  expect(await log.recover()).toBe(600)
  await verifyAudit({ store })
})

it('a record that somebody made unreadable is a coded error wherever it is read', async () => {
  const gone = createAuditLog({
    store,
    clock: { now: () => 5, monotonic: () => 5 },
    hash: nodeAuditHash,
  })
  await gone.intent({ workspace, capability: 'http.write' })
  await gone.close()
  await store.transaction((tx) => tx.run('UPDATE audit_record SET body = \'{"seq":\''))
  const exportAll = async (): Promise<void> => {
    for await (const line of exportAudit(store)) void line
  }
  const broken = { code: 'ERR_AUDIT_BROKEN', details: { workspace, seq: 1, reason: 'changed' } }
  await expect(log.list({ workspace })).rejects.toMatchObject(broken)
  await expect(log.recover()).rejects.toMatchObject(broken)
  await expect(exportAll()).rejects.toMatchObject(broken)
  await expect(verifyAudit({ store })).rejects.toMatchObject(broken)
})

it('recover() ends, whatever place an intent claims', async () => {
  const gone = createAuditLog({
    store,
    clock: { now: () => 5, monotonic: () => 5 },
    hash: nodeAuditHash,
  })
  await Promise.all(
    Array.from({ length: 300 }, () => gone.intent({ workspace, capability: 'http.write' })),
  )
  await gone.close()
  await store.transaction((tx) =>
    tx.run('UPDATE audit_record SET body = replace(body, \'"seq":\', \'"seq":7000\')'),
  )
  expect(await log.recover()).toBe(300)
})

it('list() narrows by extension and invocation and pages from the newest', async () => {
  for (let i = 0; i < 6; i++) {
    await log.event({
      workspace,
      capability: 'c',
      extension: i % 2 ? 'a/b' : 'c/d',
      invocation: `inv_${i % 3}`,
    })
  }
  await log.event({ workspace: 'wsp_b', capability: 'c', extension: 'a/b' })
  const seqs = async (query: object) =>
    (await log.list({ workspace, ...query })).map(({ seq }) => seq)
  expect(await seqs({ extension: 'a/b' })).toEqual([6, 4, 2])
  expect(await seqs({ invocation: 'inv_0' })).toEqual([4, 1])
  expect(await seqs({ limit: 2 })).toEqual([6, 5])
  expect(await seqs({ limit: 2, before: 5 })).toEqual([4, 3])
  expect(await seqs({ extension: "' OR 1=1 --" })).toEqual([])
})

it('guessing a committed value needs the key of its workspace', async () => {
  await log.event({ workspace, capability: 'http.write', commit: { body: 'yes' } })
  const [record] = await log.list({ workspace })
  expect(record?.commitments?.['body']).toBe(await log.commitment(workspace, 'body', 'yes'))
  expect(record?.commitments?.['body']).not.toBe(await log.commitment('wsp_b', 'body', 'yes'))
  expect(record?.commitments?.['body']).not.toBe(nodeAuditHash.sha256('yes'))
})

it('erase() removes personal data and leaves a chain that verifies', async () => {
  const personal = { email: 'ada@example.org' }
  await log.event({ workspace, principal: 'usr_1', capability: 'login', personal })
  await log.event({
    workspace,
    principal: 'usr_2',
    capability: 'login',
    personal: { email: 'b@example.org' },
  })
  await log.event({ workspace: 'wsp_b', principal: 'usr_1', capability: 'login', personal })
  expect((await log.list({ workspace }))[1]).toMatchObject({ personalData: personal })
  expect((await verifyAudit({ store })).personal).toEqual({ kept: 3, erased: 0 })
  expect(await log.erase({ workspace, principal: 'usr_1' })).toBe(1)
  expect((await log.list({ workspace })).map(({ personalData }) => personalData)).toEqual([
    { email: 'b@example.org' },
    {},
  ])
  expect((await verifyAudit({ store })).personal).toEqual({ kept: 2, erased: 1 })
  const bodies = JSON.stringify(await store.read('SELECT body FROM audit_record'))
  expect(bodies).not.toContain('example.org')
})

it('erase() narrows by record and by time', async () => {
  const start = fixture.time
  for (let i = 0; i < 4; i++)
    await log.event({ workspace, capability: 'c', personal: { n: String(i) } })
  expect(await log.erase({ workspace, seq: 4 })).toBe(1)
  expect(await log.erase({ workspace, before: start + 2 })).toBe(2)
  expect((await log.list({ workspace })).map(({ personalData }) => personalData['n'])).toEqual([
    undefined,
    '2',
    undefined,
    undefined,
  ])
})

it('what was erased is not on the disk any more', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'erase-'))
  const path = join(directory, 'state.db')
  const onDisk = await createAuditFixture(path)
  for (let i = 0; i < 20; i++) {
    await onDisk.log.event({
      workspace,
      capability: 'login',
      personal: { email: `ada-${i}@example.org` },
    })
  }
  await onDisk.log.erase({ workspace })
  await onDisk.close()
  expect(readFileSync(path, 'latin1')).not.toContain('@example.org')
  rmSync(directory, { recursive: true })
})
