import type { Clock } from '@morphee/core'

/** How far ahead of this clock another process's may be. What is dated later still was written before the clock was set back. */
export const MAX_AHEAD_MS = 60_000

/**
 * A clock whose `now()` never goes back: setting the system's clock back must not make a yes last longer.
 *
 * It follows the system's clock forwards, and goes on with the monotonic one where that is behind.
 */
export function createSteadyClock(clock: Clock): Clock {
  let latest = clock.now()
  let at = clock.monotonic()
  return {
    monotonic: () => clock.monotonic(),
    now: () => {
      const monotonic = clock.monotonic()
      latest = Math.max(clock.now(), latest + monotonic - at)
      at = monotonic
      // Stored as whole milliseconds.
      return Math.floor(latest)
    },
  }
}
