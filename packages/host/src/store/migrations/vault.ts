import type { Migration } from '../migration.ts'

/** Tables of the vault: wrapped keys and sealed secrets, nothing in the clear but workspace ids. */
export const vaultMigrations: readonly Migration[] = [
  {
    name: 'vault/001-secrets',
    sql: `
CREATE TABLE vault_master (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  key_id TEXT NOT NULL
);
CREATE TABLE vault_key (
  workspace TEXT NOT NULL PRIMARY KEY,
  wrapped BYTEA NOT NULL
);
CREATE TABLE vault_secret (
  workspace TEXT NOT NULL REFERENCES vault_key (workspace),
  owner_tag BYTEA NOT NULL,
  name_tag BYTEA NOT NULL,
  version BIGINT NOT NULL,
  sealed_name BYTEA NOT NULL,
  sealed_value BYTEA NOT NULL,
  PRIMARY KEY (workspace, owner_tag, name_tag)
);
`,
  },
]
