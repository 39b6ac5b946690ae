import type { Migration } from '../migration.ts'

// `body` is what is hashed; the other columns repeat parts of it for searching, and verification compares them.
/** Tables of the audit chains. */
export const auditMigrations: readonly Migration[] = [
  {
    name: 'audit/001-records',
    sql: `
CREATE TABLE audit_record (
  workspace TEXT NOT NULL,
  seq BIGINT NOT NULL,
  hash TEXT NOT NULL,
  extension TEXT,
  invocation TEXT,
  body TEXT NOT NULL,
  PRIMARY KEY (workspace, seq)
);
CREATE INDEX audit_record_by_invocation ON audit_record (workspace, invocation, seq);
CREATE TABLE audit_open_intent (
  workspace TEXT NOT NULL,
  seq BIGINT NOT NULL,
  writer TEXT NOT NULL,
  PRIMARY KEY (workspace, seq)
);
CREATE TABLE audit_personal (
  workspace TEXT NOT NULL,
  seq BIGINT NOT NULL,
  name TEXT NOT NULL,
  time BIGINT NOT NULL,
  principal TEXT,
  salt TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (workspace, seq, name)
);
CREATE INDEX audit_personal_by_principal ON audit_personal (workspace, principal);
CREATE TABLE audit_checkpoint (
  number BIGINT NOT NULL PRIMARY KEY,
  body TEXT NOT NULL,
  signature TEXT NOT NULL
);
`,
  },
]
