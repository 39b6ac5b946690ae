import { putOptionalStringAt, putStringAt, takeOptionalStringAt, takeStringAt } from "./abi";

/** Bytes of a failure record in memory. */
export const FAILURE_SIZE: usize = 36;

/**
 * What a refused or failed call carries, in both directions.
 *
 * `code` is one of `permission-denied`, `rate-limited`, `limit-exceeded`, `timeout`, `cancelled`, `unreachable`,
 * `unauthenticated`, `not-found`, `conflict`, `invalid-input`, `unsupported`, `internal`; the list grows.
 */
export class Failure {
  /** JSON text with what a program may act on, or null. */
  details: string | null = null;
  /** When trying again makes sense: how long to wait first. Negative when it does not. */
  retryAfterMs: i64 = -1;

  constructor(
    public code: string,
    public message: string,
  ) {}
}

let failed: Failure | null = null;

/**
 * Ends an action with a failure: `return fail<Output>("not-found", "There is no such page")`.
 *
 * AssemblyScript has no exceptions, so the failure is kept for the action's return and the value is never looked at.
 */
export function fail<T>(code: string, message: string): T {
  return failWith<T>(new Failure(code, message));
}

/** Ends an action with a failure that the host gave, or one with details. */
export function failWith<T>(failure: Failure): T {
  failed = failure;
  // The zero of T: the glue sees the failure first and never reads it.
  // @ts-ignore
  if (isReference<T>()) return changetype<T>(0);
  // @ts-ignore
  return <T>0;
}

/** The failure of the action that just returned, and forgets it. */
export function takeFailed(): Failure | null {
  const failure = failed;
  failed = null;
  return failure;
}

/** Takes the failure record at `at`. */
export function takeFailureAt(at: usize): Failure {
  const failure = new Failure(takeStringAt(at), takeStringAt(at + 8));
  failure.details = takeOptionalStringAt(at + 16);
  if (load<u8>(at, 28)) failure.retryAfterMs = <i64>load<u32>(at, 32);
  return failure;
}

/** Writes a failure record that outlives the call. */
export function putFailureAt(at: usize, failure: Failure): void {
  putStringAt(at, failure.code);
  putStringAt(at + 8, failure.message);
  putOptionalStringAt(at + 16, failure.details);
  const wait = failure.retryAfterMs;
  store<u8>(at, wait < 0 ? 0 : 1, 28);
  store<u32>(at, <u32>min<i64>(wait < 0 ? 0 : wait, <i64>u32.MAX_VALUE), 32);
}
