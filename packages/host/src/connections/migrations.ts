import type { Migration } from '../store/migration.ts'

/** Whose credentials an installation has; the secrets themselves are in the vault, under the connection's id. */
export const CONNECTION_MIGRATIONS: readonly Migration[] = [
  {
    name: 'connections/001-tables',
    sql: `
      CREATE TABLE connection (
        id TEXT PRIMARY KEY,
        workspace TEXT NOT NULL,
        installation TEXT NOT NULL,
        credential TEXT NOT NULL,
        owner TEXT NOT NULL,
        connected_at BIGINT NOT NULL,
        UNIQUE (installation, credential, owner)
      );
    `,
  },
]
