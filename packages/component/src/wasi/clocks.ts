import { Pollable } from './poll.ts'
import type { WasiWorld } from './ports.ts'

/** The interfaces of `wasi:clocks`. */
export function createClocks({ clock, signal }: WasiWorld): Readonly<Record<string, object>> {
  const until = (instant: bigint): Pollable =>
    new Pollable(
      signal,
      () => clock.monotonic() >= instant,
      (over) => {
        const left = instant - clock.monotonic()
        return clock.sleep(left <= 0n ? 0 : Number((left + 999_999n) / 1_000_000n), over)
      },
    )
  return {
    'monotonic-clock': {
      now: () => clock.monotonic(),
      resolution: () => 1000n,
      subscribeInstant: until,
      subscribeDuration: (duration: bigint) => until(clock.monotonic() + duration),
    },
    'wall-clock': {
      now: () => dateTimeOf(clock.now()),
      resolution: () => ({ seconds: 0n, nanoseconds: 1_000_000 }),
    },
  }
}

/** `datetime` of milliseconds since 1970. */
export function dateTimeOf(ms: number): { seconds: bigint; nanoseconds: number } {
  const seconds = Math.floor(ms / 1000)
  return {
    seconds: BigInt(seconds),
    nanoseconds: Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6)),
  }
}
