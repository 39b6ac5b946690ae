import {
  createStoreDataProvider,
  DATA_MIGRATIONS,
  type DataProvider,
  type Store,
} from '@morphee/host'
import { openSqliteStore } from '@morphee/host/node'
import { afterEach, beforeEach, expect, it } from 'vitest'

let store: Store
let data: DataProvider

beforeEach(async () => {
  store = await openSqliteStore({ path: ':memory:', migrations: DATA_MIGRATIONS })
  data = await createStoreDataProvider(store, {
    notes: {
      id: 'task',
      maxEntries: 3,
      maxEntryBytes: 200,
      schema: {
        type: 'object',
        required: ['text'],
        additionalProperties: false,
        properties: { text: { type: 'string' }, pinned: { type: 'boolean' } },
      },
    },
  })
})
afterEach(() => store.close())

it('create(), get(), update() and delete() keep one entry, with a revision for each change', async () => {
  const created = await data.create('home', 'notes', { text: 'milk' })
  expect(created).toMatchObject({ revision: '1', value: { text: 'milk' } })
  const updated = await data.update('home', 'notes', created.id, '1', { text: 'bread' })
  expect(await data.get('home', 'notes', created.id)).toEqual(updated)
  await data.delete('home', 'notes', created.id, updated.revision)
  expect(await data.get('home', 'notes', created.id)).toBeUndefined()
})

it('update() and delete() refuse an entry that has moved on, and one that is not there', async () => {
  const { id } = await data.create('home', 'notes', { text: 'a' })
  await data.update('home', 'notes', id, '1', { text: 'b' })
  await expect(data.update('home', 'notes', id, '1', { text: 'c' })).rejects.toThrowCode(
    'ERR_HOST_DATA_CONFLICT',
  )
  await expect(data.delete('home', 'notes', id, '1')).rejects.toThrowCode('ERR_HOST_DATA_CONFLICT')
  await expect(data.delete('home', 'notes', 'tsk_none', '1')).rejects.toThrowCode(
    'ERR_HOST_DATA_NOT_FOUND',
  )
  expect((await data.get('home', 'notes', id))?.value).toEqual({ text: 'b' })
})

it('two updates from the same revision: one wins, the other is told', async () => {
  const { id } = await data.create('home', 'notes', { text: 'a' })
  const outcomes = await Promise.allSettled(
    ['b', 'c'].map((text) => data.update('home', 'notes', id, '1', { text })),
  )
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

it("create() and update() hold an entry to the collection's rules", async () => {
  await expect(data.create('home', 'notes', { text: 7 })).rejects.toThrowCode(
    'ERR_HOST_DATA_INVALID',
  )
  const { id } = await data.create('home', 'notes', { text: 'a' })
  await expect(
    data.update('home', 'notes', id, '1', { text: 'a', owner: 'eve' }),
  ).rejects.toThrowCode('ERR_HOST_DATA_INVALID')
  await data.create('home', 'notes', { text: 'b' })
  await data.create('home', 'notes', { text: 'c' })
  await expect(data.create('home', 'notes', { text: 'one too many' })).rejects.toThrowCode(
    'ERR_HOST_LIMIT',
  )
})

it('no other workspace sees or changes an entry', async () => {
  const { id } = await data.create('home', 'notes', { text: 'mine' })
  expect(await data.get('office', 'notes', id)).toBeUndefined()
  expect((await data.query('office', 'notes', { filter: {}, limit: 10 })).entries).toEqual([])
  await expect(data.update('office', 'notes', id, '1', { text: 'yours' })).rejects.toThrowCode(
    'ERR_HOST_DATA_NOT_FOUND',
  )
})

it('a collection that the application does not have is refused by name, whatever it is called', async () => {
  for (const name of ['secrets', '__proto__', "notes'; DROP TABLE data_entry; --"]) {
    await expect(data.get('home', name, 'x')).rejects.toThrowCode('ERR_HOST_DATA_COLLECTION')
    await expect(data.query('home', name, { filter: {}, limit: 1 })).rejects.toThrowCode(
      'ERR_HOST_DATA_COLLECTION',
    )
  }
})

it('query() pages through what matches its filter, each entry once', async () => {
  for (const [text, pinned] of [
    ['a', true],
    ['b', false],
    ['c', true],
  ] as const)
    await data.create('home', 'notes', { text, pinned })
  const seen: unknown[] = []
  let cursor: string | undefined
  do {
    const page = await data.query('home', 'notes', { filter: { pinned: true }, limit: 1, cursor })
    seen.push(...page.entries.map(({ value }) => value['text']))
    cursor = page.cursor
  } while (cursor !== undefined)
  expect(seen.sort()).toEqual(['a', 'c'])
  expect(
    (await data.query('home', 'notes', { filter: { toString: 1 } as never, limit: 10 })).entries,
  ).toEqual([])
})

it('an entry larger than the collection allows is refused before it is stored', async () => {
  await expect(data.create('home', 'notes', { text: 'x'.repeat(300) })).rejects.toThrowCode(
    'ERR_HOST_LIMIT',
  )
  const { id } = await data.create('home', 'notes', { text: 'small' })
  await expect(
    data.update('home', 'notes', id, '1', { text: 'ü'.repeat(120) }),
  ).rejects.toThrowCode('ERR_HOST_LIMIT')
  expect((await data.get('home', 'notes', id))?.value).toEqual({ text: 'small' })
})

it('a filter that would make each row expensive is refused', async () => {
  await data.create('home', 'notes', { text: 'a' })
  const filter = { text: 'x'.repeat(5000) }
  await expect(data.query('home', 'notes', { filter, limit: 1 })).rejects.toThrowCode(
    'ERR_HOST_LIMIT',
  )
})

it('text that JSON cannot carry is refused with a code, as entry and as filter', async () => {
  await expect(data.create('home', 'notes', { text: '\ud800' })).rejects.toThrowCode(
    'ERR_HOST_DATA_INVALID',
  )
  await expect(
    data.query('home', 'notes', { filter: { text: '\ud800' }, limit: 1 }),
  ).rejects.toThrowCode('ERR_HOST_ARGUMENT')
})
