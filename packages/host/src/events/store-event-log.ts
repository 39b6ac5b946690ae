import { type Clock, encodeUtf8 } from '@morphee/core'
import type { Row, Store, Transaction } from '../store/store.ts'
import type { EmittedEvent, EventSink } from './event-sink.ts'

/** An event as it was recorded. */
export interface RecordedEvent extends EmittedEvent {
  /** Counts up in the workspace; the cursor for what came after. */
  readonly seq: number
  /** Milliseconds since 1970. */
  readonly time: number
  readonly hops: number
}

/** Which events {@link EventLog.list} gives. */
export interface EventQuery {
  /** Only events after this one. @default 0, from the oldest that is kept */
  readonly after?: number
  /** 1 to 1,000. @default 100 */
  readonly limit?: number
}

/** The events of a workspace, kept in the order in which they were announced. */
export interface EventLog extends EventSink {
  /** Events in order, oldest first. */
  list(workspace: string, query?: EventQuery): Promise<RecordedEvent[]>
}

/** Most events of one extension that are kept in a workspace; older ones make room, and never another extension's. */
export const MAX_KEPT_EVENTS = 10_000

/** Most bytes of payloads of one extension that are kept in a workspace. */
export const MAX_KEPT_EVENT_BYTES: number = 64 * 1024 * 1024

/** An {@link EventLog} in `store`, which has the tables of `EVENT_MIGRATIONS`. */
export function createStoreEventLog(
  store: Store,
  clock: Clock,
  maxKeptBytes: number = MAX_KEPT_EVENT_BYTES,
): EventLog {
  return {
    emit: (event) => store.transaction((tx) => append(tx, event, clock.now(), maxKeptBytes)),
    list: async (workspace, { after = 0, limit = 100 } = {}) => {
      const rows = await store.read<EventRow>(
        'SELECT seq, id, source, topic, time, payload, hops FROM event WHERE workspace = ? AND seq > ? ORDER BY seq LIMIT ?',
        [workspace, after, Math.min(Math.max(1, limit), 1000)],
      )
      return rows.map((row) => ({ ...row, id: row.id as RecordedEvent['id'], workspace }))
    },
  }
}

type EventRow = {
  seq: number
  id: string
  source: string
  topic: string
  time: number
  payload: string
  hops: number
} & Row

async function append(
  tx: Transaction,
  event: EmittedEvent,
  time: number,
  maxKeptBytes: number,
): Promise<void> {
  const { id, workspace, source, topic, payload, hops = 0 } = event
  if ((await tx.get('SELECT id FROM event WHERE id = ?', [id])) !== undefined) return
  const last = await tx.get<{ seq: number } & Row>(
    'SELECT seq FROM event WHERE workspace = ? ORDER BY seq DESC LIMIT 1',
    [workspace],
  )
  // What all events of a source before this one have held, so that how much is kept needs no counting.
  const before = await tx.get<{ total: number } & Row>(
    'SELECT total + octet_length(payload) AS total FROM event WHERE workspace = ? AND source = ? ORDER BY seq DESC LIMIT 1',
    [workspace, source],
  )
  const total = before?.total ?? 0
  await tx.run(
    'INSERT INTO event (workspace, seq, id, source, topic, time, payload, hops, total) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    [workspace, (last?.seq ?? 0) + 1, id, source, topic, time, payload, hops, total],
  )
  await tx.run('DELETE FROM event WHERE workspace = ? AND source = ? AND total < ?', [
    workspace,
    source,
    total + encodeUtf8(payload).length - maxKeptBytes,
  ])
  await tx.run(
    `DELETE FROM event WHERE workspace = ? AND source = ? AND seq <=
       (SELECT seq FROM event WHERE workspace = ? AND source = ? ORDER BY seq DESC LIMIT 1 OFFSET ${MAX_KEPT_EVENTS})`,
    [workspace, source, workspace, source],
  )
}
