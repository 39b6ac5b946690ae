import { canonicalJson, createId, encodeUtf8, type IdKind, type JsonObject } from '@morphee/core'
import { compileJsonSchema, type JsonSchema } from '@morphee/manifest'
import { HostError } from '../errors.ts'
import { limitError } from '../invocation/limit-error.ts'
import type { Row, Store, Transaction } from '../store/index.ts'
import type { DataEntry, DataPage, DataProvider, DataQuery } from './data-provider.ts'

/** The application's rules for one collection. */
export interface CollectionRules {
  /** What every entry must look like. */
  readonly schema: JsonObject
  /** Kind of the ids it makes. */
  readonly id: IdKind
  /** Entries in one workspace. @default 10_000 */
  readonly maxEntries?: number
  /** One entry as canonical JSON in UTF-8. @default 65_536 */
  readonly maxEntryBytes?: number
}

const MAX_PAGE = 1000
// Rows that one call looks at; a filter that matches nothing costs this much and no more.
const MAX_SCANNED = 10_000
const MAX_SCANNED_CHARACTERS = 4 * 1024 * 1024
const SCAN_PAGE = 50
// A filter is compared with every row that is looked at.
const MAX_FILTER_BYTES = 4096

interface EntryRow extends Row {
  readonly id: string
  readonly revision: number
  readonly value: string
}

/** Collections in the host's own store, each held to its JSON Schema. */
export async function createStoreDataProvider(
  store: Store,
  collections: Readonly<Record<string, CollectionRules>>,
): Promise<DataProvider> {
  const schemas = new Map<string, JsonSchema>()
  for (const [name, { schema }] of Object.entries(collections)) {
    schemas.set(name, await compileJsonSchema(schema))
  }
  return new StoreDataProvider(store, new Map(Object.entries(collections)), schemas)
}

class StoreDataProvider implements DataProvider {
  readonly #store: Store
  readonly #rules: ReadonlyMap<string, CollectionRules>
  readonly #schemas: ReadonlyMap<string, JsonSchema>

  constructor(
    store: Store,
    rules: ReadonlyMap<string, CollectionRules>,
    schemas: ReadonlyMap<string, JsonSchema>,
  ) {
    this.#store = store
    this.#rules = rules
    this.#schemas = schemas
  }

  async get(workspace: string, collection: string, id: string): Promise<DataEntry | undefined> {
    this.#rulesOf(collection)
    const [row] = await this.#store.read<EntryRow>(
      'SELECT id, revision, value FROM data_entry WHERE workspace = ? AND collection = ? AND id = ?',
      [workspace, collection, id],
    )
    return row && toEntry(row)
  }

  async query(workspace: string, collection: string, query: DataQuery): Promise<DataPage> {
    this.#rulesOf(collection)
    const limit = Math.min(Math.max(1, query.limit), MAX_PAGE)
    const wanted = compileFilter(query.filter)
    const entries: DataEntry[] = []
    let after = query.cursor ?? ''
    let characters = 0
    for (let scanned = 0; scanned < MAX_SCANNED && characters < MAX_SCANNED_CHARACTERS;) {
      const rows = await this.#store.read<EntryRow>(
        'SELECT id, revision, value FROM data_entry WHERE workspace = ? AND collection = ? AND id > ? ORDER BY id LIMIT ?',
        [workspace, collection, after, SCAN_PAGE],
      )
      for (const row of rows) {
        scanned++
        characters += row.value.length
        after = row.id
        const entry = toEntry(row)
        if (!matches(entry.value, wanted)) continue
        entries.push(entry)
        if (entries.length === limit) return { entries, cursor: after }
      }
      if (rows.length < SCAN_PAGE) return { entries, cursor: undefined }
    }
    return { entries, cursor: after }
  }

  async create(workspace: string, collection: string, value: JsonObject): Promise<DataEntry> {
    const { id: kind, maxEntries = 10_000 } = this.#rulesOf(collection)
    const text = this.#checked(collection, value)
    const id = createId(kind)
    return this.#store.transaction(async (tx) => {
      const [count] = await tx.all<{ entries: number } & Row>(
        'SELECT COUNT(*) AS entries FROM data_entry WHERE workspace = ? AND collection = ?',
        [workspace, collection],
      )
      if (Number(count?.entries) >= maxEntries)
        throw limitError('entries', maxEntries, 'entries', 'keeps')
      await tx.run(
        'INSERT INTO data_entry (workspace, collection, id, revision, value) VALUES (?, ?, ?, 1, ?)',
        [workspace, collection, id, text],
      )
      return { id, revision: '1', value }
    })
  }

  async update(
    workspace: string,
    collection: string,
    id: string,
    revision: string,
    value: JsonObject,
  ): Promise<DataEntry> {
    this.#rulesOf(collection)
    const text = this.#checked(collection, value)
    return this.#store.transaction(async (tx) => {
      const next = (await assertRevision(tx, workspace, collection, id, revision)) + 1
      await tx.run(
        'UPDATE data_entry SET revision = ?, value = ? WHERE workspace = ? AND collection = ? AND id = ?',
        [next, text, workspace, collection, id],
      )
      return { id, revision: String(next), value }
    })
  }

  async delete(workspace: string, collection: string, id: string, revision: string): Promise<void> {
    this.#rulesOf(collection)
    await this.#store.transaction(async (tx) => {
      await assertRevision(tx, workspace, collection, id, revision)
      await tx.run('DELETE FROM data_entry WHERE workspace = ? AND collection = ? AND id = ?', [
        workspace,
        collection,
        id,
      ])
    })
  }

  #rulesOf(collection: string): CollectionRules {
    const rules = this.#rules.get(collection)
    if (rules !== undefined) return rules
    const known = [...this.#rules.keys()]
    throw new HostError(
      'ERR_HOST_DATA_COLLECTION',
      `There is no collection "${collection.slice(0, 100)}"; there is ${known.join(', ')}`,
      { collection: collection.slice(0, 100), accepted: known },
    )
  }

  #checked(collection: string, value: JsonObject): string {
    const { maxEntryBytes = 65_536 } = this.#rulesOf(collection)
    const text = tryCanonicalJson(value)
    if (text === undefined) {
      throw invalidEntry(collection, [{ path: '', message: 'must be JSON' }])
    }
    // Measured before the schema looks at it: what is too large costs no validation.
    if (encodeUtf8(text).length > maxEntryBytes) {
      throw limitError('entry', maxEntryBytes, 'bytes', 'stores')
    }
    const issues = this.#schemas.get(collection)?.validate(value) ?? []
    if (issues.length === 0) return text
    throw invalidEntry(
      collection,
      issues.map(({ pointer, message }) => ({ path: pointer, message })),
    )
  }
}

function invalidEntry(
  collection: string,
  issues: readonly { path: string; message: string }[],
): HostError<'ERR_HOST_DATA_INVALID'> {
  return new HostError(
    'ERR_HOST_DATA_INVALID',
    `Cannot keep this in "${collection}": it is not what an entry looks like`,
    { collection, issues },
  )
}

async function assertRevision(
  tx: Transaction,
  workspace: string,
  collection: string,
  id: string,
  revision: string,
): Promise<number> {
  const row = await tx.get<EntryRow>(
    'SELECT id, revision, value FROM data_entry WHERE workspace = ? AND collection = ? AND id = ?',
    [workspace, collection, id],
  )
  const shown = id.slice(0, 100)
  if (row === undefined)
    throw new HostError(
      'ERR_HOST_DATA_NOT_FOUND',
      `There is no entry "${shown}" in "${collection}"`,
      { collection, id: shown },
    )
  if (String(row.revision) === revision) return Number(row.revision)
  throw new HostError(
    'ERR_HOST_DATA_CONFLICT',
    `Entry "${shown}" has changed since; read it again`,
    { collection, id: shown, revision: String(row.revision) },
  )
}

function toEntry({ id, revision, value }: EntryRow): DataEntry {
  return { id, revision: String(revision), value: JSON.parse(value) as JsonObject }
}

/** The members that a filter wants, each in its one spelling. */
function compileFilter(filter: JsonObject): ReadonlyMap<string, string> {
  const whole = tryCanonicalJson(filter)
  if (whole === undefined) {
    throw new HostError('ERR_HOST_ARGUMENT', 'Cannot use the filter: it is not JSON', {
      argument: 'filter',
      accepted: 'a JSON object',
    })
  }
  if (encodeUtf8(whole).length > MAX_FILTER_BYTES) {
    throw limitError('filter', MAX_FILTER_BYTES, 'bytes', 'filters by')
  }
  return new Map(Object.entries(filter).map(([name, value]) => [name, canonicalJson(value)]))
}

function matches(value: JsonObject, wanted: ReadonlyMap<string, string>): boolean {
  for (const [name, text] of wanted) {
    if (!Object.hasOwn(value, name) || canonicalJson(value[name] ?? null) !== text) return false
  }
  return true
}

function tryCanonicalJson(value: JsonObject): string | undefined {
  try {
    return canonicalJson(value)
  } catch {
    return undefined
  }
}
