import { createId, systemClock } from '@morphee/core'
import { createStoreEventLog, EVENT_MIGRATIONS, type EventLog } from '@morphee/host'
import { openSqliteStore } from '@morphee/host/node'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

let folder: string
let log: EventLog
let close: () => Promise<void>

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'morphee-events-'))
  const store = await openSqliteStore({
    path: join(folder, 'events.db'),
    migrations: EVENT_MIGRATIONS,
  })
  close = () => store.close()
  log = createStoreEventLog(store, systemClock, 1000)
})
afterEach(async () => {
  await close()
  await rm(folder, { recursive: true, force: true })
})

const emit = (source: string, bytes: number, workspace = 'home'): Promise<void> =>
  log.emit({
    id: createId('event'),
    workspace,
    source,
    topic: 'a.b',
    payload: JSON.stringify('x'.repeat(bytes - 2)),
  })
const kept = async (workspace = 'home'): Promise<string[]> =>
  (await log.list(workspace)).map(({ source, payload }) => `${source} ${payload.length}`)

it('createStoreEventLog() makes room by bytes, of the same source in the same workspace only', async () => {
  await emit('acme/quiet', 300)
  await emit('acme/loud', 400, 'other')
  for (let n = 0; n < 5; n++) await emit('acme/loud', 400)
  expect(await kept()).toEqual(['acme/quiet 300', 'acme/loud 400', 'acme/loud 400'])
  expect(await kept('other')).toEqual(['acme/loud 400'])
  await emit('acme/quiet', 700)
  expect(await kept()).toHaveLength(4)
})

it('createStoreEventLog() counts on where it was, and takes one id once', async () => {
  const event = {
    id: createId('event'),
    workspace: 'home',
    source: 'host',
    topic: 'a.b',
    payload: '1',
    hops: 3,
  }
  await log.emit(event)
  await log.emit(event)
  await emit('acme/loud', 999)
  await emit('acme/loud', 999)
  expect((await log.list('home')).map(({ seq, hops }) => [seq, hops])).toEqual([
    [1, 3],
    [3, 0],
  ])
})
