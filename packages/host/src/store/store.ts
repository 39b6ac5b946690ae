/** What a column may hold. Booleans are stored as 0 and 1, times as milliseconds, because SQLite and PostgreSQL agree on nothing finer. */
export type SqlValue = null | number | bigint | string | Uint8Array

/** One row, by column name. */
export interface Row {
  readonly [column: string]: SqlValue
}

/**
 * The one way to stored state.
 *
 * Statements are written in the subset that SQLite and PostgreSQL share, with `?` for every value; text of strangers is
 * never part of a statement. Asynchronous, because PostgreSQL is.
 */
export interface Store {
  /**
   * The rows that one statement finds among what is committed.
   *
   * @throws StoreError `ERR_STORE_BUSY`, `ERR_STORE_CORRUPT`, `ERR_STORE_UNAVAILABLE`
   */
  read<T extends Row>(sql: string, params?: readonly SqlValue[]): Promise<T[]>
  /**
   * Runs `work` so that all it writes is committed, or nothing is.
   *
   * Transactions are serialised: what `work` reads does not change until it is done, whatever other processes do. The
   * promise resolves after the commit. `work` must use the transaction it is handed; calling the store from inside it
   * would wait for itself and is a `TypeError`. Keep it short: everybody else waits.
   *
   * @throws StoreError `ERR_STORE_BUSY`, `ERR_STORE_CONFLICT`, `ERR_STORE_CORRUPT`, `ERR_STORE_FULL`, `ERR_STORE_UNAVAILABLE`; and whatever `work` throws, after the rollback
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
  /** Waits for what is under way and lets go of the database. Everything after that is refused with `ERR_STORE_CLOSED`. */
  close(): Promise<void>
}

/** Statements that succeed or fail together. */
export interface Transaction {
  /** Every row the statement finds. */
  all<T extends Row>(sql: string, params?: readonly SqlValue[]): Promise<T[]>
  /** The first row the statement finds. */
  get<T extends Row>(sql: string, params?: readonly SqlValue[]): Promise<T | undefined>
  /** Runs a statement that changes rows. */
  run(sql: string, params?: readonly SqlValue[]): Promise<RunResult>
}

/** What a changing statement did. */
export interface RunResult {
  /** How many rows were inserted, updated or deleted. */
  readonly changes: number
}
