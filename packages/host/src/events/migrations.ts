import type { Migration } from '../store/migration.ts'

/** Tables of {@link createStoreEventLog}. */
export const EVENT_MIGRATIONS: readonly Migration[] = [
  {
    name: 'events/001-log',
    sql: `
      CREATE TABLE event (
        workspace TEXT NOT NULL,
        seq BIGINT NOT NULL,
        id TEXT NOT NULL UNIQUE,
        source TEXT NOT NULL,
        topic TEXT NOT NULL,
        time BIGINT NOT NULL,
        payload TEXT NOT NULL,
        PRIMARY KEY (workspace, seq)
      );
      CREATE INDEX event_by_source ON event (workspace, source, seq);
    `,
  },
  {
    name: 'events/002-delivery',
    sql: `
      ALTER TABLE event ADD COLUMN hops BIGINT NOT NULL DEFAULT 0;
      CREATE TABLE event_cursor (
        installation TEXT NOT NULL PRIMARY KEY,
        workspace TEXT NOT NULL,
        position BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        due_at BIGINT NOT NULL,
        holder TEXT NOT NULL,
        held_until BIGINT NOT NULL
      );
      CREATE TABLE dead_letter (
        installation TEXT NOT NULL,
        event TEXT NOT NULL,
        workspace TEXT NOT NULL,
        source TEXT NOT NULL,
        topic TEXT NOT NULL,
        time BIGINT NOT NULL,
        payload TEXT NOT NULL,
        hops BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        died_at BIGINT NOT NULL,
        code TEXT NOT NULL,
        message TEXT NOT NULL,
        PRIMARY KEY (installation, event)
      );
    `,
  },
  {
    name: 'events/003-bytes',
    sql: `
      ALTER TABLE event ADD COLUMN total BIGINT NOT NULL DEFAULT 0;
      CREATE INDEX event_by_total ON event (workspace, source, total);
    `,
  },
]
