import { StoreError } from '../../store/errors.ts'

// Primary result codes of SQLite (sqlite.org/rescode.html).
const BUSY = 5
const LOCKED = 6
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const CONSTRAINT = 19
const NOTADB = 26
const SYSTEM_CODES = new Set([
  'EACCES',
  'EISDIR',
  'ELOOP',
  'EMFILE',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
])

/** Whether somebody else holds what is needed, so that trying again can help. */
export function isBusy(error: unknown): boolean {
  const code = resultCode(error)
  return code === BUSY || code === LOCKED
}

/** What SQLite or the file system said, as a {@link StoreError}; anything else unchanged. */
export function toStoreError(error: unknown): unknown {
  switch (resultCode(error)) {
    case BUSY:
    case LOCKED:
      return new StoreError(
        'ERR_STORE_BUSY',
        'Cannot use the database: another process holds it',
        { waitedMs: 0 },
        { cause: error },
      )
    case CORRUPT:
    case NOTADB:
      return new StoreError(
        'ERR_STORE_CORRUPT',
        'Cannot use the database: the file is damaged or not a database',
        {},
        {
          cause: error,
          hint: 'Nothing was changed. Put a backup in its place, or recover the file with the sqlite3 command',
        },
      )
    case FULL:
      return new StoreError(
        'ERR_STORE_FULL',
        'Cannot write to the database: the disk is full',
        {},
        { cause: error },
      )
    case CONSTRAINT:
      return new StoreError(
        'ERR_STORE_CONFLICT',
        'Cannot write to the database: the row contradicts another',
        {},
        { cause: error },
      )
    case READONLY:
    case IOERR:
    case CANTOPEN:
      return unavailable(error)
    default:
      return error instanceof Error &&
        'syscall' in error &&
        SYSTEM_CODES.has(String((error as NodeJS.ErrnoException).code))
        ? unavailable(error)
        : error
  }
}

function unavailable(cause: unknown): StoreError {
  return new StoreError(
    'ERR_STORE_UNAVAILABLE',
    'Cannot open, read or write the database',
    {},
    { cause },
  )
}

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined
  // Extended codes keep the primary one in their low byte.
  return error.errcode & 0xff
}
