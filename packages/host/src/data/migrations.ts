import type { Migration } from '../store/migration.ts'

/** Table of {@link createStoreDataProvider}. */
export const DATA_MIGRATIONS: readonly Migration[] = [
  {
    name: 'data/001-entries',
    sql: `
      CREATE TABLE data_entry (
        workspace TEXT NOT NULL,
        collection TEXT NOT NULL,
        id TEXT NOT NULL,
        revision BIGINT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (workspace, collection, id)
      );
    `,
  },
]
