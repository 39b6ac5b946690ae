import type { Id } from '@morphee/core'
import type { AuditWriter } from '../audit/writer.ts'
import type { Row, Store, Transaction } from '../store/store.ts'
import type { DeadLetter } from './dead-letter.ts'
import type { RecordedEvent } from './store-event-log.ts'

/** How far the deliveries to one installation have come. */
export interface Cursor {
  readonly installation: string
  readonly workspace: string
  readonly extension: string
  /** `seq` of the last event that is done with. */
  readonly position: number
  /** How often the event after it was tried. */
  readonly attempts: number
}

/** A {@link Cursor} that this host alone moves for a while. */
export interface HeldCursor extends Cursor {
  /** With the one that is under way. */
  readonly attempts: number
}

type CursorRow = Cursor & { readonly holder: string; readonly held_until: number } & Row

// The furthest that anything is put off. What seems later was written before the clock was set back, and waits no longer.
const LATEST_MS = 3_600_000

// Longer than any call may take. What ends before, in this process or with it, is noticed by its writer.
const HELD_MS = 600_000

/** Most dead letters of one installation that are kept; older ones make room. */
export const MAX_DEAD_LETTERS = 1_000

const EVENT = 'seq, id, workspace, source, topic, time, payload, hops'

/** Where deliveries stand, in a store with the tables of `EVENT_MIGRATIONS`. */
export class DeliveryTable {
  readonly #store: Store
  readonly #writer: AuditWriter

  constructor(store: Store, writer: AuditWriter) {
    this.#store = store
    this.#writer = writer
  }

  /** Begins to deliver to an installation, from the next event on; nothing changes when it had begun before. */
  async begin(installation: string, workspace: string): Promise<void> {
    await this.#store.transaction((tx) =>
      tx.run(
        `INSERT INTO event_cursor (installation, workspace, position, attempts, due_at, holder, held_until)
         SELECT id, workspace, (SELECT COALESCE(MAX(seq), 0) FROM event WHERE workspace = ?), 0, 0, '', 0
         FROM installation WHERE id = ?
         ON CONFLICT (installation) DO NOTHING`,
        [workspace, installation],
      ),
    )
  }

  /** Stops delivering to an installation: what is announced from now on is not kept for it. */
  async end(installation: string): Promise<void> {
    await this.#store.transaction((tx) =>
      tx.run('DELETE FROM event_cursor WHERE installation = ?', [installation]),
    )
  }

  /** Active installations of all workspaces, with the version that is active. */
  active(): Promise<
    readonly ({
      installation: string
      workspace: string
      extension: string
      digest: string
    } & Row)[]
  > {
    return this.#store.read(
      `SELECT id AS installation, workspace, extension, active_digest AS digest
       FROM installation WHERE state = 'active' ORDER BY id`,
    )
  }

  /** Cursors of active installations that have an event before them, the one that has waited longest first. */
  async due(now: number): Promise<Cursor[]> {
    const rows = await this.#store.read<CursorRow>(
      `SELECT c.installation, c.workspace, i.extension, c.position, c.attempts, c.holder, c.held_until
       FROM event_cursor c JOIN installation i ON i.id = c.installation
       WHERE i.state = 'active' AND (c.due_at <= ? OR c.due_at > ?)
         AND EXISTS (SELECT 1 FROM event e WHERE e.workspace = c.workspace AND e.seq > c.position)
       ORDER BY c.due_at, c.installation`,
      [now, now + LATEST_MS],
    )
    return rows.filter((row) => !this.#isHeld(row, now))
  }

  /** When the next cursor that waits is due, in milliseconds since 1970. */
  async nextDue(now: number): Promise<number | undefined> {
    const [row] = await this.#store.read<{ due: number | null } & Row>(
      `SELECT MIN(c.due_at) AS due FROM event_cursor c JOIN installation i ON i.id = c.installation
       WHERE i.state = 'active' AND c.due_at > ?`,
      [now],
    )
    return row?.due ?? undefined
  }

  /** Events after the cursor, in order. */
  async after({ workspace, position }: Cursor, limit: number): Promise<RecordedEvent[]> {
    return (await this.#store.read(
      `SELECT ${EVENT} FROM event WHERE workspace = ? AND seq > ? ORDER BY seq LIMIT ?`,
      [workspace, position, limit],
    )) as unknown as RecordedEvent[]
  }

  /** Moves past events that are not for this installation; nothing happens when somebody else has moved it. */
  async skip({ installation, position, attempts }: Cursor, to: number): Promise<void> {
    await this.#store.transaction((tx) =>
      tx.run(
        `UPDATE event_cursor SET position = ?, attempts = 0, holder = '', held_until = 0
         WHERE installation = ? AND position = ? AND attempts = ?`,
        [to, installation, position, attempts],
      ),
    )
  }

  /**
   * Takes the cursor for one attempt, which is counted before it begins: one that takes the whole process with it counts too.
   *
   * `undefined` when somebody else has it, in this process or another.
   */
  async hold(cursor: Cursor, now: number): Promise<HeldCursor | undefined> {
    return this.#store.transaction(async (tx) => {
      const row = await tx.get<CursorRow>(
        'SELECT position, attempts, holder, held_until FROM event_cursor WHERE installation = ?',
        [cursor.installation],
      )
      if (row?.position !== cursor.position || row.attempts !== cursor.attempts) return undefined
      if (this.#isHeld(row, now)) return undefined
      const attempts = cursor.attempts + 1
      await tx.run(
        'UPDATE event_cursor SET attempts = ?, holder = ?, held_until = ? WHERE installation = ?',
        [attempts, this.#writer.id, now + HELD_MS, cursor.installation],
      )
      return { ...cursor, attempts }
    })
  }

  /** Puts a held cursor down. Says `false`, and changes nothing, when it is not this host's any more. */
  release(
    cursor: HeldCursor,
    to: { readonly position: number; readonly attempts: number; readonly dueAt: number },
    also?: (tx: Transaction) => Promise<void>,
  ): Promise<boolean> {
    const { installation, position, attempts } = cursor
    return this.#store.transaction(async (tx) => {
      const { changes } = await tx.run(
        `UPDATE event_cursor SET position = ?, attempts = ?, due_at = ?, holder = '', held_until = 0
         WHERE installation = ? AND position = ? AND attempts = ? AND holder = ?`,
        [to.position, to.attempts, to.dueAt, installation, position, attempts, this.#writer.id],
      )
      if (changes === 0) return false
      await also?.(tx)
      return true
    })
  }

  #isHeld({ holder, held_until }: CursorRow, now: number): boolean {
    const isOver = held_until <= now || held_until > now + HELD_MS
    return holder !== '' && !isOver && this.#writer.isAlive(holder)
  }

  /** Keeps an event that could not be handled, in place of an earlier letter about the same one. */
  async bury(
    tx: Transaction,
    installation: string,
    letter: Omit<DeadLetter, 'extension'>,
  ): Promise<void> {
    const { event, attempts, diedAt, code, message } = letter
    const { id, workspace, source, topic, time, payload, hops } = event
    await tx.run(
      `INSERT INTO dead_letter (installation, event, workspace, source, topic, time, payload, hops, attempts, died_at, code, message)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (installation, event) DO UPDATE SET
         attempts = excluded.attempts, died_at = excluded.died_at, code = excluded.code, message = excluded.message`,
      [
        installation,
        id,
        workspace,
        source,
        topic,
        time,
        payload,
        hops,
        attempts,
        diedAt,
        code,
        message,
      ],
    )
    await tx.run(
      `DELETE FROM dead_letter WHERE installation = ? AND event NOT IN
         (SELECT event FROM dead_letter WHERE installation = ? ORDER BY died_at DESC, event LIMIT ${MAX_DEAD_LETTERS})`,
      [installation, installation],
    )
  }

  /** Says of a dead letter how the last attempt failed; nothing when it was dropped meanwhile. */
  async renew(
    tx: Transaction,
    installation: string,
    { event, attempts, diedAt, code, message }: Omit<DeadLetter, 'extension'>,
  ): Promise<void> {
    await tx.run(
      `UPDATE dead_letter SET attempts = ?, died_at = ?, code = ?, message = ?
       WHERE installation = ? AND event = ?`,
      [attempts, diedAt, code, message, installation, event.id],
    )
  }

  /** Dead letters of a workspace, the newest first. */
  async deadLetters(workspace: string): Promise<DeadLetter[]> {
    const rows = await this.#store.read<
      Omit<DeadLetter, 'event' | 'diedAt'> &
        Omit<RecordedEvent, 'seq' | 'id'> & { event: Id<'event'>; died_at: number } & Row
    >(
      `SELECT d.event, d.source, d.topic, d.time, d.payload, d.hops, d.attempts, d.died_at, d.code, d.message, i.extension
       FROM dead_letter d JOIN installation i ON i.id = d.installation
       WHERE d.workspace = ? ORDER BY d.died_at DESC, d.event`,
      [workspace],
    )
    return rows.map((row) => ({
      event: {
        id: row.event,
        workspace,
        source: row.source,
        topic: row.topic,
        time: row.time,
        payload: row.payload,
        hops: row.hops,
      },
      extension: row.extension,
      attempts: row.attempts,
      diedAt: row.died_at,
      code: row.code,
      message: row.message,
    }))
  }

  /** Forgets a dead letter. */
  async unbury(tx: Transaction, installation: string, event: string): Promise<void> {
    await tx.run('DELETE FROM dead_letter WHERE installation = ? AND event = ?', [
      installation,
      event,
    ])
  }
}
