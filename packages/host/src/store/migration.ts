/**
 * One step of the database's shape.
 *
 * A name is given once and for ever, and the text under it never changes: a database remembers the checksum of each
 * migration it has seen and refuses to go on with another. Modules compose their lists; order within a list is kept.
 */
export interface Migration {
  /** Unique, such as `audit/001-records`. */
  readonly name: string
  /** Statements in the subset that SQLite and PostgreSQL share. */
  readonly sql: string
}
