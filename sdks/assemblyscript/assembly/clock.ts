// @ts-ignore
@external("morphee:extension/clock@0.9.0", "now")
declare function hostNow(): u64;
// @ts-ignore
@external("morphee:extension/clock@0.9.0", "monotonic")
declare function hostMonotonic(): u64;

/** Time, never finer than a millisecond. */
export namespace clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  export function now(): u64 {
    return hostNow();
  }
  /** Nanoseconds on a clock that never goes back; only differences mean something. */
  export function monotonic(): u64 {
    return hostMonotonic();
  }
}
