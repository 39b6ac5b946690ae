// Generated from spec/errors by `npm run generate`. Do not edit.

/** What the edges make of an error code. */
export interface ErrorRow {
  /** The code in a guest's `failure`, or `null` when no guest sees this error. */
  readonly guest: string | null
  /** Status of the HTTP API. */
  readonly http: number
  /** Exit code of the CLI: 1 refused or failed, 2 usage, 3 could not tell. */
  readonly exit: 0 | 1 | 2 | 3
  /** What a person can do. */
  readonly next: string
}

/** Every error code of the project, pinned: a code never changes its meaning. */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorRow>> = {
  ERR_INTERNAL: {"guest":"internal","http":500,"exit":3,"next":"Report it with the request id"},
}

/** Every error code of the project. */
export type ErrorCode =
  | 'ERR_INTERNAL'
