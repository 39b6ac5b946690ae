import type { JsonObject } from '@morphee/core'

/** One record of the application. */
export interface DataEntry {
  readonly id: string
  /** Changes with every change; an update names the one it was made from. */
  readonly revision: string
  readonly value: JsonObject
}

/** Part of a collection, in the order of ids. */
export interface DataPage {
  readonly entries: readonly DataEntry[]
  /** Where the next page begins; absent at the end. */
  readonly cursor: string | undefined
}

/** Which part of a collection is wanted. */
export interface DataQuery {
  /** Members that an entry must have with exactly these values; all entries when empty. */
  readonly filter: JsonObject
  /** Entries at most, 1 to 1,000. */
  readonly limit: number
  readonly cursor?: string | undefined
}

/**
 * The application's own records, through its own rules.
 *
 * Extensions and built-ins reach them by `data:read` and `data:write` per collection; what a record may look like is up to the
 * application.
 *
 * @throws `ERR_HOST_DATA_COLLECTION` from every function for a collection that is not there
 */
export interface DataProvider {
  /** The entry with this id, or `undefined`. */
  get(workspace: string, collection: string, id: string): Promise<DataEntry | undefined>
  /** One page of a collection. */
  query(workspace: string, collection: string, query: DataQuery): Promise<DataPage>
  /** @throws `ERR_HOST_DATA_INVALID` when the collection's rules refuse `value`, `ERR_HOST_LIMIT` when the collection is full */
  create(workspace: string, collection: string, value: JsonObject): Promise<DataEntry>
  /** @throws `ERR_HOST_DATA_CONFLICT` when the entry has moved on from `revision`, `ERR_HOST_DATA_NOT_FOUND`, `ERR_HOST_DATA_INVALID` */
  update(
    workspace: string,
    collection: string,
    id: string,
    revision: string,
    value: JsonObject,
  ): Promise<DataEntry>
  /** @throws `ERR_HOST_DATA_CONFLICT`, `ERR_HOST_DATA_NOT_FOUND` */
  delete(workspace: string, collection: string, id: string, revision: string): Promise<void>
}
