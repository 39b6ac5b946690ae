import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Migration, Row, Store } from '@morphee/host'
import { openSqliteStore } from '@morphee/host/node'
import { afterEach, beforeEach, expect, it } from 'vitest'

const migrations: readonly Migration[] = [
  {
    name: 'test/001',
    sql: 'CREATE TABLE item (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)',
  },
]
const stores: Store[] = []
let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'store-'))
  path = join(directory, 'state.db')
})

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  rmSync(directory, { recursive: true })
})

async function open(options: Partial<Parameters<typeof openSqliteStore>[0]> = {}): Promise<Store> {
  const store = await openSqliteStore({ path, migrations, ...options })
  stores.push(store)
  return store
}

const count = async (store: Store): Promise<number> =>
  (await store.read<{ n: number } & Row>('SELECT COUNT(*) AS n FROM item'))[0]?.n ?? -1

const insert = (store: Store, id: number): Promise<unknown> =>
  store.transaction((tx) => tx.run('INSERT INTO item (id, text) VALUES (?, ?)', [id, 'x']))

it('openSqliteStore() makes files that only their owner can read, and tightens one that others could', async () => {
  writeFileSync(path, '')
  chmodSync(path, 0o644)
  await insert(await open(), 1)
  for (const file of [path, `${path}-wal`, `${path}-shm`])
    expect(statSync(file).mode & 0o777).toBe(0o600)
})

it('transaction() undoes everything, when its work fails', async () => {
  const store = await open()
  const failure = new Error('no')
  await expect(
    store.transaction(async (tx) => {
      await tx.run('INSERT INTO item (id, text) VALUES (1, ?)', ['a'])
      throw failure
    }),
  ).rejects.toBe(failure)
  expect(await count(store)).toBe(0)
})

it('transaction() lets nothing slip in between, when works overlap', async () => {
  const store = await open()
  await insert(store, 0)
  await Promise.all(
    Array.from({ length: 50 }, () =>
      store.transaction(async (tx) => {
        const row = await tx.get<{ text: string } & Row>('SELECT text FROM item WHERE id = 0')
        await new Promise(setImmediate)
        await tx.run('UPDATE item SET text = ? WHERE id = 0', [`${row?.text}y`])
      }),
    ),
  )
  const [row] = await store.read<{ text: string } & Row>('SELECT text FROM item')
  expect(row?.text).toBe(`x${'y'.repeat(50)}`)
})

for (const kind of ['a file', 'memory']) {
  it(`read() never sees what is not committed, in ${kind}`, async () => {
    const store = await open(kind === 'memory' ? { path: ':memory:' } : {})
    const entered = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const work = store.transaction(async (tx) => {
      await tx.run("INSERT INTO item (id, text) VALUES (1, 'a')")
      entered.resolve()
      await release.promise
      throw new Error('undo')
    })
    await entered.promise
    const seen = count(store)
    release.resolve()
    await expect(work).rejects.toThrow('undo')
    expect(await seen).toBe(0)
  })
}

it('transaction() refuses the store inside itself instead of waiting for ever', async () => {
  const store = await open()
  await expect(store.transaction(() => store.read('SELECT 1'))).rejects.toThrow(TypeError)
  await expect(store.transaction(() => store.transaction(async () => 1))).rejects.toThrow(TypeError)
  await expect(store.transaction(() => store.close())).rejects.toThrow(TypeError)
})

it('transaction() refuses statements after its end', async () => {
  const store = await open()
  const leaked = await store.transaction(async (tx) => tx)
  await expect(leaked.run('DELETE FROM item')).rejects.toThrow(TypeError)
})

it('transaction() reports a conflict by its code', async () => {
  const store = await open()
  await insert(store, 1)
  await expect(insert(store, 1)).rejects.toThrowCode('ERR_STORE_CONFLICT')
})

it('transaction() waits for another connection without blocking the thread it lives on', async () => {
  const [a, b] = [await open(), await open()]
  let release: (() => void) | undefined
  const held = a.transaction(async (tx) => {
    await tx.run("INSERT INTO item (id, text) VALUES (1, 'a')")
    await new Promise<void>((resolve) => (release = resolve))
  })
  const waiting = insert(b, 2)
  await new Promise(setImmediate)
  release?.()
  await Promise.all([held, waiting])
  expect(await count(b)).toBe(2)
})

it('transaction() gives up with a code, when another connection holds on', async () => {
  const [a, b] = [await open(), await open({ busyTimeoutMs: 20 })]
  await a.transaction(async () => {
    await expect(insert(b, 2)).rejects.toThrowCode('ERR_STORE_BUSY')
  })
  await insert(b, 2)
})

it('close() waits for what is under way and refuses what comes after', async () => {
  const store = await open()
  const pending = insert(store, 1)
  await store.close()
  await pending
  await expect(store.read('SELECT 1')).rejects.toThrowCode('ERR_STORE_CLOSED')
  await expect(insert(store, 2)).rejects.toThrowCode('ERR_STORE_CLOSED')
  expect(await count(await open())).toBe(1)
})

it('openSqliteStore() applies each migration once, when two open together', async () => {
  const more = [
    ...migrations,
    { name: 'test/002', sql: "INSERT INTO item (id, text) VALUES (7, 'once')" },
  ]
  const [a] = await Promise.all([open({ migrations: more }), open({ migrations: more })])
  expect(await count(a)).toBe(1)
})

it('openSqliteStore() adds a module to a database that is there', async () => {
  await insert(await open(), 1)
  const store = await open({
    migrations: [{ name: 'other/001', sql: 'CREATE TABLE other (id BIGINT)' }, ...migrations],
  })
  expect(await store.read('SELECT * FROM other')).toEqual([])
  expect(await count(store)).toBe(1)
})

it('openSqliteStore() undoes a migration that fails half-way', async () => {
  const broken = [
    ...migrations,
    { name: 'test/002', sql: 'CREATE TABLE half (id BIGINT); CREATE TABEL other (id BIGINT)' },
  ]
  await expect(open({ migrations: broken })).rejects.toThrow('syntax error')
  const store = await open()
  expect(await store.read("SELECT name FROM sqlite_master WHERE name = 'half'")).toEqual([])
})

it('openSqliteStore() refuses a database of a newer program', async () => {
  await open({
    migrations: [...migrations, { name: 'test/002', sql: 'CREATE TABLE later (id BIGINT)' }],
  })
  await expect(open()).rejects.toThrowCode('ERR_STORE_NEWER')
})

it('openSqliteStore() refuses a migration that was changed after it was applied', async () => {
  await open()
  await expect(
    open({ migrations: [{ name: 'test/001', sql: 'CREATE TABLE item (id TEXT)' }] }),
  ).rejects.toThrowCode('ERR_STORE_MIGRATION')
})

it('openSqliteStore() refuses two migrations of one name', async () => {
  await expect(open({ migrations: [...migrations, ...migrations] })).rejects.toThrow(TypeError)
})

it('openSqliteStore() refuses a file that is no database and leaves it alone', async () => {
  writeFileSync(path, 'not a database, but somebody may need it'.repeat(100))
  const before = readFileSync(path)
  await expect(open()).rejects.toThrowCode('ERR_STORE_CORRUPT')
  expect(readFileSync(path)).toEqual(before)
})

it('openSqliteStore() reports damaged pages by their code and loses nothing else', async () => {
  const store = await open()
  await store.transaction(async (tx) => {
    for (let id = 0; id < 200; id++)
      await tx.run('INSERT INTO item (id, text) VALUES (?, ?)', [id, 'z'.repeat(500)])
  })
  await store.close()
  const bytes = readFileSync(path)
  bytes.fill(0xff, 4096 * 4, 4096 * 12)
  writeFileSync(path, bytes)
  const damaged = await open()
  await expect(damaged.read('SELECT SUM(LENGTH(text)) FROM item')).rejects.toThrowCode(
    'ERR_STORE_CORRUPT',
  )
  expect(await damaged.read('SELECT name FROM schema_migration')).toEqual([{ name: 'test/001' }])
})

it('openSqliteStore() reports a directory that is not there, without its path', async () => {
  const error = await open({ path: join(directory, 'nowhere', 'x.db') }).catch(
    (reason: Error) => reason,
  )
  expect(error).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  expect((error as Error).message).not.toContain(directory)
})

it('SQL injection through a value changes nothing', async () => {
  const store = await open()
  const attack = "x'); DROP TABLE item; --"
  await store.transaction((tx) => tx.run('INSERT INTO item (id, text) VALUES (?, ?)', [1, attack]))
  expect(await store.read('SELECT text FROM item')).toEqual([{ text: attack }])
})
