import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '@morphee/core'
import { beforeEach, expect, it } from 'vitest'
import { type AuditLog, createAuditLog, createSigner, verifyAudit } from '../../src/audit/index.ts'
import { createProcessWriter, nodeAuditHash } from '../../src/node/audit/index.ts'
import { openSqliteStore } from '../../src/node/store/index.ts'
import { auditMigrations, type Store } from '../../src/store/index.ts'

const workspace = 'wsp_a'
let path: string

beforeEach(() => {
  const directory = mkdtempSync(join(tmpdir(), 'audit-'))
  path = join(directory, 'state.db')
  return () => rmSync(directory, { recursive: true })
})

function startWriter(rounds: number): ChildProcess {
  const script = join(import.meta.dirname, 'writer-process.ts')
  return spawn(
    process.execPath,
    ['--conditions=@morphee/source', script, path, workspace, String(rounds)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
}

async function open(): Promise<{ store: Store; log: AuditLog }> {
  const store = await openSqliteStore({ path, migrations: auditMigrations })
  return {
    store,
    log: createAuditLog({
      store,
      clock: systemClock,
      hash: nodeAuditHash,
      writer: createProcessWriter(),
      signer: await createSigner(
        (await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair,
      ),
    }),
  }
}

it('killing the writer in the middle of its work loses no intent and breaks no chain', async () => {
  const announced = new Set<number>()
  let unknown = 0
  for (let kill = 0; kill < 5; kill++) {
    const child = startWriter(1_000_000)
    let text = ''
    let lines = 0
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
      text += chunk.toString()
      lines += chunk.toString().split('\n').length - 1
      if (lines > 40 + kill * 61) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    expect(child.signalCode).toBe('SIGKILL')
    for (const line of text.split('\n').slice(0, -1)) announced.add(Number(line))

    const { store, log } = await open()
    const { workspaces } = await verifyAudit({ store })
    const intents = await store.read(
      'SELECT seq FROM audit_record WHERE body LIKE \'%"kind":"intent"%\'',
    )
    const written = new Set(intents.map((row) => row['seq'] as number))
    for (const seq of announced) expect(written.has(seq), `intent ${seq}`).toBe(true)
    unknown += await log.recover()
    const outcomes = await store.read(
      'SELECT seq FROM audit_record WHERE body LIKE \'%"kind":"outcome"%\'',
    )
    expect(outcomes).toHaveLength(intents.length)
    const gone = await store.read(
      'SELECT seq FROM audit_record WHERE body LIKE \'%"decision":"unknown"%\'',
    )
    expect(gone).toHaveLength(unknown)
    expect((await verifyAudit({ store })).workspaces[0]?.records).toBeGreaterThanOrEqual(
      workspaces[0]?.records ?? 0,
    )
    await log.close()
    await store.close()
  }
  expect(announced.size).toBeGreaterThan(200)
})

it('processes that write the same file keep one chain', async () => {
  const rounds = 60
  const children = [startWriter(rounds), startWriter(rounds)]
  for (const child of children) child.stdout?.resume()
  const ended = children.map((child) => once(child, 'exit'))
  const { store, log } = await open()
  for (let round = 0; round < rounds; round++) {
    const intent = await log.intent({ workspace, capability: 'http.read' })
    await log.outcome(intent, { decision: 'done' })
    if (round % 10 === 0) await log.checkpoint()
    await new Promise(setImmediate)
  }
  for (const [code] of await Promise.all(ended)) expect(code).toBe(0)
  expect(await log.recover()).toBe(0)
  const { workspaces, checkpoints } = await verifyAudit({ store })
  expect(workspaces).toMatchObject([{ records: 2 * rounds * 4 * 2 + rounds * 2 }])
  expect(checkpoints).toBe(6)
  await log.close()
  await store.close()
})

it('recover() leaves the intents of a process at work alone', async () => {
  const { store, log } = await open()
  const child = startWriter(1_000_000)
  await once(child.stdout as NodeJS.ReadableStream, 'data')
  expect(await log.recover()).toBe(0)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await log.recover()
  expect(await store.read('SELECT * FROM audit_open_intent')).toEqual([])
  await log.close()
  await store.close()
})
