import type { Migration } from '../migration.ts'

// Keys are bytes and not text, so that both databases order them bytewise whatever their collation.
/** Tables of an extension's own keys. */
export const extensionStorageMigrations: readonly Migration[] = [
  {
    name: 'storage/001-extension-storage',
    sql: `
CREATE TABLE extension_storage (
  workspace TEXT NOT NULL,
  extension TEXT NOT NULL,
  name BYTEA NOT NULL,
  content BYTEA NOT NULL,
  size BIGINT NOT NULL,
  PRIMARY KEY (workspace, extension, name)
);
CREATE TABLE extension_storage_usage (
  workspace TEXT NOT NULL,
  extension TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  PRIMARY KEY (workspace, extension)
);
`,
  },
]
