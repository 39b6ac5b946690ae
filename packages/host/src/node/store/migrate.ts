import { digestOf, encodeUtf8 } from '@morphee/core'
import type { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../../store/errors.ts'
import type { Migration } from '../../store/migration.ts'
import type { Row, Store } from '../../store/store.ts'

const TABLE = `CREATE TABLE IF NOT EXISTS schema_migration (
  name TEXT NOT NULL PRIMARY KEY,
  checksum TEXT NOT NULL,
  applied_at BIGINT NOT NULL
)`

/**
 * Brings the database to the shape that `migrations` describe.
 *
 * What was applied is read inside each write transaction, so two processes that start together apply each step once.
 */
export async function migrate(
  store: Store,
  database: DatabaseSync,
  migrations: readonly Migration[],
): Promise<void> {
  const checksums = new Map<string, string>()
  for (const { name, sql } of migrations) {
    if (checksums.has(name)) throw new TypeError(`There are two migrations named "${name}"`)
    checksums.set(name, await digestOf(encodeUtf8(sql)))
  }
  await store.transaction(async (transaction) => {
    await transaction.run(TABLE)
    const applied = await transaction.all<{ name: string; checksum: string } & Row>(
      'SELECT name, checksum FROM schema_migration ORDER BY name',
    )
    for (const { name, checksum } of applied) assertKnown(name, checksum, checksums.get(name))
  })
  for (const { name, sql } of migrations) {
    await store.transaction(async (transaction) => {
      const done = await transaction.get('SELECT name FROM schema_migration WHERE name = ?', [name])
      if (done !== undefined) return
      database.exec(sql)
      await transaction.run(
        'INSERT INTO schema_migration (name, checksum, applied_at) VALUES (?, ?, ?)',
        [name, checksums.get(name) as string, Date.now()],
      )
    })
  }
}

function assertKnown(name: string, applied: string, expected: string | undefined): void {
  if (expected === undefined) {
    throw new StoreError(
      'ERR_STORE_NEWER',
      `Cannot use the database: a newer program has changed it ("${name}")`,
      {
        migration: name,
      },
      { hint: 'Use that program, or a backup from before it' },
    )
  }
  if (applied !== expected) {
    throw new StoreError(
      'ERR_STORE_MIGRATION',
      `Cannot use the database: its migration "${name}" is not the one this program has`,
      { migration: name },
    )
  }
}
