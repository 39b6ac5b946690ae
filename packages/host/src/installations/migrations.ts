import type { Migration } from '../store/migration.ts'

/** Tables of installations: artifacts by digest, what is installed where, its versions, and the version floor that outlives it. */
export const INSTALLATION_MIGRATIONS: readonly Migration[] = [
  {
    name: 'installations/001-tables',
    sql: `
      CREATE TABLE artifact (
        digest TEXT PRIMARY KEY,
        bytes BLOB NOT NULL
      );
      CREATE TABLE installation (
        id TEXT PRIMARY KEY,
        workspace TEXT NOT NULL,
        extension TEXT NOT NULL,
        state TEXT NOT NULL,
        active_digest TEXT NOT NULL,
        pending_digest TEXT,
        config TEXT NOT NULL,
        publisher TEXT,
        created_at BIGINT NOT NULL,
        updated_at BIGINT NOT NULL,
        UNIQUE (workspace, extension)
      );
      CREATE TABLE installed_version (
        installation TEXT NOT NULL REFERENCES installation (id) ON DELETE CASCADE,
        digest TEXT NOT NULL REFERENCES artifact (digest),
        version TEXT NOT NULL,
        provenance TEXT NOT NULL,
        consent TEXT,
        installed_at BIGINT NOT NULL,
        PRIMARY KEY (installation, digest)
      );
      CREATE TABLE version_floor (
        workspace TEXT NOT NULL,
        extension TEXT NOT NULL,
        publisher TEXT NOT NULL,
        version TEXT NOT NULL,
        PRIMARY KEY (workspace, extension, publisher)
      );
    `,
  },
]
