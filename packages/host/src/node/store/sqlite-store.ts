import { AsyncLocalStorage } from 'node:async_hooks'
import { chmodSync, closeSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { StoreError } from '../../store/errors.ts'
import type { Migration } from '../../store/migration.ts'
import type { Row, RunResult, SqlValue, Store, Transaction } from '../../store/store.ts'
import { isBusy, toStoreError } from './sqlite-error.ts'
import { migrate } from './migrate.ts'
import { StatementCache } from './statement-cache.ts'

/** Options of {@link openSqliteStore}. */
export interface SqliteStoreOptions {
  /** A file, made with mode 0600 when it is not there, or `:memory:`. */
  readonly path: string
  /** The tables: lists of every module that keeps state in this database. */
  readonly migrations: readonly Migration[]
  /**
   * `normal` survives the death of the process; `full` also a loss of power, at the price of a disk flush a commit.
   *
   * @default 'normal'
   */
  readonly synchronous?: 'normal' | 'full'
  /** How long to wait for other processes that write, in milliseconds. @default 10_000 */
  readonly busyTimeoutMs?: number
}

interface Scope {
  readonly store: SqliteStore
  open: boolean
}

// A call from inside a transaction would wait for that transaction to end: found here, it is a message instead of a hang.
const scopes = new AsyncLocalStorage<Scope>()

/**
 * A {@link Store} in one SQLite file that several processes may share.
 *
 * Write-ahead log, foreign keys, deleted content overwritten. Pending migrations are applied first, each in a
 * transaction of its own. A file that is damaged is refused and left exactly as it is.
 *
 * @throws StoreError `ERR_STORE_BUSY`, `ERR_STORE_CORRUPT`, `ERR_STORE_MIGRATION`, `ERR_STORE_NEWER`, `ERR_STORE_UNAVAILABLE`
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { path, migrations, synchronous = 'normal', busyTimeoutMs = 10_000 } = options
  let database: DatabaseSync | undefined
  try {
    if (path !== ':memory:') makePrivate(path)
    database = new DatabaseSync(path, { timeout: 0, enableForeignKeyConstraints: true })
    const store = new SqliteStore(database, busyTimeoutMs)
    await store.retry(() => configure(database as DatabaseSync, synchronous))
    await migrate(store, database, migrations)
    return store
  } catch (error) {
    database?.close()
    throw toStoreError(error)
  }
}

function makePrivate(path: string): void {
  // SQLite gives the log beside the file the mode of the file.
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}

function configure(database: DatabaseSync, synchronous: 'normal' | 'full'): void {
  database.enableDefensive(true)
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${synchronous === 'full' ? 'FULL' : 'NORMAL'};
    PRAGMA secure_delete = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
  `)
}

/** The implementation of {@link openSqliteStore}. */
export class SqliteStore implements Store {
  readonly #database: DatabaseSync
  readonly #statements: StatementCache
  readonly #busyTimeoutMs: number
  // The end of the queue of transactions.
  #tail: Promise<unknown> = Promise.resolve()
  #inTransaction = false
  readonly #waitingReads: (() => void)[] = []
  #closed = false

  constructor(database: DatabaseSync, busyTimeoutMs: number) {
    this.#database = database
    this.#statements = new StatementCache(database)
    this.#busyTimeoutMs = busyTimeoutMs
  }

  async read<T extends Row>(sql: string, params: readonly SqlValue[] = []): Promise<T[]> {
    this.#assertUsable()
    const step = (): T[] => this.#statements.get(sql).all(...params) as unknown as T[]
    if (!this.#inTransaction) return this.retry(step)
    // One connection sees its own uncommitted rows, so a read waits for the end of the open transaction and runs at
    // that very moment: a promise would come back after the next one has begun.
    return new Promise((resolve, reject) => {
      this.#waitingReads.push(() => {
        try {
          resolve(step())
        } catch (error) {
          reject(toStoreError(error))
        }
      })
    })
  }

  async transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.#enqueue(async () => {
      const scope: Scope = { store: this, open: true }
      await this.retry(() => this.#database.exec('BEGIN IMMEDIATE'))
      this.#inTransaction = true
      try {
        const result = await scopes.run(scope, () => work(this.#handle(scope)))
        scope.open = false
        this.#database.exec('COMMIT')
        return result
      } catch (error) {
        scope.open = false
        this.#rollback()
        throw toStoreError(error)
      } finally {
        this.#inTransaction = false
        for (const read of this.#waitingReads.splice(0)) read()
      }
    })
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#assertUsable()
    this.#closed = true
    await this.#tail
    this.#database.close()
  }

  /** Runs a synchronous step until nobody else stands in its way: without blocking the thread, on which the other may live. */
  async retry<T>(step: () => T): Promise<T> {
    const started = performance.now()
    for (let pauseMs = 1; ; pauseMs = Math.min(pauseMs * 2, 25)) {
      if (!this.#database.isOpen) throw closedError()
      try {
        return step()
      } catch (error) {
        if (!isBusy(error)) throw toStoreError(error)
        const waitedMs = Math.round(performance.now() - started)
        if (waitedMs >= this.#busyTimeoutMs) {
          throw new StoreError(
            'ERR_STORE_BUSY',
            `Cannot use the database: another process has held it for ${waitedMs} ms`,
            {
              waitedMs,
            },
          )
        }
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
    }
  }

  #enqueue<T>(turn: () => Promise<T>): Promise<T> {
    this.#assertUsable()
    const result = this.#tail.then(turn)
    this.#tail = result.catch(() => undefined)
    return result
  }

  #rollback(): void {
    if (!this.#database.isTransaction) return
    try {
      this.#database.exec('ROLLBACK')
    } catch {
      // What went wrong first is thrown; a database that cannot even undo refuses the next BEGIN.
    }
  }

  #handle(scope: Scope): Transaction {
    const statement = (sql: string): StatementSync => {
      if (!scope.open) throw new TypeError('This transaction is over: await everything inside it')
      return this.#statements.get(sql)
    }
    return {
      all: async <T extends Row>(sql: string, params: readonly SqlValue[] = []) =>
        statement(sql).all(...params) as unknown as T[],
      get: async <T extends Row>(sql: string, params: readonly SqlValue[] = []) =>
        statement(sql).get(...params) as unknown as T | undefined,
      run: async (sql: string, params: readonly SqlValue[] = []): Promise<RunResult> => ({
        changes: Number(statement(sql).run(...params).changes),
      }),
    }
  }

  #assertUsable(): void {
    if (this.#closed) throw closedError()
    const scope = scopes.getStore()
    if (scope?.store === this && scope.open) {
      throw new TypeError('Inside a transaction, use the transaction and not the store')
    }
  }
}

function closedError(): StoreError {
  return new StoreError('ERR_STORE_CLOSED', 'Cannot use the store: it is closed', {})
}
