// Whoever compiles these sources, as our own tests do, needs the types of the host too.
/// <reference path="./host.d.ts" />
/**
 * The application's own records. Reading a collection needs `data:read`, changing it `data:write`. Import it whole:
 * `import * as data from '@morphee/sdk/data'`.
 */
import {
  create as createEntry,
  delete as remove,
  get as getEntry,
  type HostEntry,
  query as queryEntries,
  update as updateEntry,
} from 'morphee:extension/data@0.9.0'
import { callHost } from './failure.ts'

/** One record. */
export interface Entry<Value = unknown> {
  readonly id: string
  /** Changes with every change; an update names the one it was made from. */
  readonly revision: string
  readonly value: Value
}

/** The entry with this id, or `undefined`. */
export async function get<Value = unknown>(
  collection: string,
  id: string,
): Promise<Entry<Value> | undefined> {
  const entry = callHost(() => getEntry(collection, id))
  return entry ? toEntry<Value>(entry) : undefined
}

/** Every entry whose members equal those of `filter`, page by page as they are asked for. */
export async function* query<Value = unknown>(
  collection: string,
  filter: Readonly<Record<string, unknown>> = {},
): AsyncGenerator<Entry<Value>, void, undefined> {
  const wanted = JSON.stringify(filter)
  let cursor: string | undefined
  do {
    const at = cursor
    const page = callHost(() => queryEntries(collection, wanted, 100, at))
    for (const entry of page.entries) yield toEntry<Value>(entry)
    cursor = page.cursor ?? undefined
  } while (cursor !== undefined)
}

/** Adds an entry. */
export async function create<Value>(collection: string, value: Value): Promise<Entry<Value>> {
  const text = jsonOf(value)
  return toEntry<Value>(callHost(() => createEntry(collection, text)))
}

/** Changes an entry; fails with `conflict` when it has moved on from `entry.revision`. */
export async function update<Value>(
  collection: string,
  entry: Pick<Entry, 'id' | 'revision'>,
  value: Value,
): Promise<Entry<Value>> {
  const text = jsonOf(value)
  return toEntry<Value>(callHost(() => updateEntry(collection, entry.id, entry.revision, text)))
}

async function deleteEntry(
  collection: string,
  entry: Pick<Entry, 'id' | 'revision'>,
): Promise<void> {
  callHost(() => remove(collection, entry.id, entry.revision))
}
export { deleteEntry as delete }

function toEntry<Value>({ id, revision, json }: HostEntry): Entry<Value> {
  return { id, revision, value: JSON.parse(json) as Value }
}

function jsonOf(value: unknown): string {
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError('This value is no JSON')
  return text
}
