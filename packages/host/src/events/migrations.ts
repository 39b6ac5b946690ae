import type { Migration } from '../store/migration.ts'

/** Table of {@link createStoreEventLog}. */
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
]
