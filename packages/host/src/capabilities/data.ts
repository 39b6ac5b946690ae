import { canonicalJson, encodeUtf8, type JsonObject, type JsonValue } from '@morphee/core'
import type { DataEntry } from '../data/data-provider.ts'
import { HostError } from '../errors.ts'
import type { CapabilityContext, CapabilityFunction } from './capability.ts'
import { performEffect } from './perform-effect.ts'

/** `data.entry` of the contract. */
interface GuestEntry {
  readonly id: string
  readonly revision: string
  readonly json: string
}

/** `data.get`: one entry, or `undefined`. */
export const dataGet: CapabilityFunction = (context, [collection, id]) =>
  read(context, text(collection), text(id), async (workspace) => {
    const entry = await context.data.get(workspace, text(collection), text(id))
    return entry && toGuest(entry)
  })

/** `data.query`: entries whose members equal those of the filter, a JSON object or an empty text for all. */
export const dataQuery: CapabilityFunction = (context, [collection, filter, limit, cursor]) =>
  read(context, text(collection), '*', async (workspace) => {
    const page = await context.data.query(workspace, text(collection), {
      filter: filter === '' ? {} : parseObject(filter, 'the filter'),
      limit: Number(limit),
      cursor: cursor === undefined ? undefined : text(cursor),
    })
    return { entries: page.entries.map(toGuest), cursor: page.cursor }
  })

/** `data.create`. */
export const dataCreate: CapabilityFunction = async (context, [collection, json]) => {
  const entry = parseObject(json, 'the entry')
  return write(
    context,
    text(collection),
    'new entry',
    async (workspace) => toGuest(await context.data.create(workspace, text(collection), entry)),
    entry,
  )
}

/** `data.update`: fails with `conflict` when the entry has moved on. */
export const dataUpdate: CapabilityFunction = async (context, [collection, id, revision, json]) => {
  const entry = parseObject(json, 'the entry')
  return write(
    context,
    text(collection),
    text(id),
    async (workspace) =>
      toGuest(
        await context.data.update(workspace, text(collection), text(id), text(revision), entry),
      ),
    entry,
  )
}

/** `data.delete`: fails with `conflict` when the entry has moved on. */
export const dataDelete: CapabilityFunction = (context, [collection, id, revision]) =>
  write(context, text(collection), text(id), (workspace) =>
    context.data.delete(workspace, text(collection), text(id), text(revision)),
  )

function read<T>(
  context: CapabilityContext,
  collection: string,
  what: string,
  act: (workspace: string) => Promise<T>,
): Promise<T> {
  return perform(context, 'data:read', collection, what, act)
}

function write<T>(
  context: CapabilityContext,
  collection: string,
  what: string,
  act: (workspace: string) => Promise<T>,
  entry?: JsonObject,
): Promise<T> {
  // What a person is shown is what is stored, and not the guest's text, which may name a member twice.
  const content = entry === undefined ? undefined : encodeUtf8(canonicalJson(entry))
  return perform(context, 'data:write', collection, what, act, content)
}

function perform<T>(
  context: CapabilityContext,
  permission: 'data:read' | 'data:write',
  collection: string,
  what: string,
  act: (workspace: string) => Promise<T>,
  content?: Uint8Array,
): Promise<T> {
  // Whole: two entries whose names begin alike are two questions.
  const target = `${collection}/${what}`
  return performEffect(
    context,
    { kind: 'data', permission, collection },
    target,
    async () => ({ value: await act(context.invocation.workspace), bytes: content?.length ?? 0 }),
    content,
  )
}

function toGuest({ id, revision, value }: DataEntry): GuestEntry {
  return { id, revision, json: canonicalJson(value) }
}

function text(value: unknown): string {
  return String(value)
}

function parseObject(json: unknown, what: string): JsonObject {
  try {
    const value = JSON.parse(text(json)) as JsonValue
    // Refuses lone surrogates and endless nesting here, where the guest can still be told.
    canonicalJson(value)
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) {
      return value as JsonObject
    }
  } catch {
    // Told below.
  }
  throw new HostError('ERR_HOST_ARGUMENT', `Cannot use ${what}: it is not a JSON object`, {
    argument: what,
    accepted: 'a JSON object',
  })
}
