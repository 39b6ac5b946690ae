import { PlatformError } from '@morphee/core'

/** What each store error code carries. */
export interface StoreErrorDetails {
  /** Somebody else held the database for longer than the caller would wait. */
  ERR_STORE_BUSY: { waitedMs: number }
  /** The store is closed. */
  ERR_STORE_CLOSED: Record<string, never>
  /** A row that must be unique, or must be referred to by another, would not be. */
  ERR_STORE_CONFLICT: Record<string, never>
  /** The file is not a database, or its pages contradict each other. */
  ERR_STORE_CORRUPT: Record<string, never>
  /** The disk is full. */
  ERR_STORE_FULL: Record<string, never>
  /** A migration that was applied is not the one this program has under that name. */
  ERR_STORE_MIGRATION: { migration: string }
  /** The database was written by a newer program. */
  ERR_STORE_NEWER: { migration: string }
  /** The database cannot be opened, read or written. */
  ERR_STORE_UNAVAILABLE: Record<string, never>
  /** A key of an extension's storage is not 1 to 512 bytes of printable text. */
  ERR_STORAGE_KEY: { reason: 'empty' | 'too-long' | 'control-character' | 'not-text' }
  /** A value of an extension's storage is larger than one value may be. */
  ERR_STORAGE_VALUE_TOO_LARGE: { limit: number; bytes: number }
  /** An extension's storage would hold more than its quota. */
  ERR_STORAGE_QUOTA: { limit: number; bytes: number }
  /** A cursor was not handed out by this storage. */
  ERR_STORAGE_CURSOR: Record<string, never>
}

/** Stored state could not be read or written as asked. */
export class StoreError<
  Code extends keyof StoreErrorDetails = keyof StoreErrorDetails,
> extends PlatformError<Code, StoreErrorDetails[Code]> {
  override readonly name = 'StoreError'
}
