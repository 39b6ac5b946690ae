import type { Migration } from '../store/migration.ts'

/** Tables of approvals: questions with their state, answers that stand, and the conversations that an answer may cover. */
export const APPROVAL_MIGRATIONS: readonly Migration[] = [
  {
    name: 'approvals/001-tables',
    sql: `
      CREATE TABLE approval (
        id TEXT PRIMARY KEY,
        workspace TEXT NOT NULL,
        extension TEXT NOT NULL,
        invocation TEXT NOT NULL,
        conversation TEXT,
        digest TEXT NOT NULL,
        subject TEXT NOT NULL,
        question BYTEA NOT NULL,
        state TEXT NOT NULL,
        writer TEXT NOT NULL,
        asked_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        answered_at BIGINT,
        answered_by TEXT
      );
      CREATE INDEX approval_by_state ON approval (state, workspace, asked_at);
      CREATE INDEX approval_by_digest ON approval (workspace, digest, state);
      CREATE TABLE standing_approval (
        id TEXT PRIMARY KEY,
        workspace TEXT NOT NULL,
        extension TEXT NOT NULL,
        installation TEXT NOT NULL,
        subject TEXT NOT NULL,
        question BYTEA NOT NULL,
        covers TEXT NOT NULL,
        conversation TEXT,
        expires_at BIGINT,
        given_at BIGINT NOT NULL,
        given_by TEXT NOT NULL
      );
      CREATE INDEX standing_approval_by_subject ON standing_approval (workspace, subject);
      CREATE TABLE conversation (
        id TEXT PRIMARY KEY,
        workspace TEXT NOT NULL,
        principal TEXT NOT NULL,
        opened_at BIGINT NOT NULL
      );
    `,
  },
]
