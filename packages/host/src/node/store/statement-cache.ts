import type { DatabaseSync, StatementSync } from 'node:sqlite'

const CAPACITY = 256

/** Prepared statements by their text; the least recently used makes room. */
export class StatementCache {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  get(sql: string): StatementSync {
    const cached = this.#statements.get(sql)
    const statement = cached ?? this.#database.prepare(sql)
    if (cached !== undefined) this.#statements.delete(sql)
    this.#statements.set(sql, statement)
    if (this.#statements.size > CAPACITY) {
      for (const oldest of this.#statements.keys()) {
        this.#statements.delete(oldest)
        break
      }
    }
    return statement
  }
}
