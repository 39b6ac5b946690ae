/** Attempts after which an event is a dead letter. */
export const MAX_ATTEMPTS = 8

const FIRST_MS = 1_000
const LONGEST_MS = 600_000

/**
 * Milliseconds to wait after the `attempts`th failed attempt: twice as long each time, up to ten minutes, of which a random half
 * may be missing, so that what failed together does not come back together.
 *
 * `random` is from 0 to 1. An extension that asks for more time (`retryAfterMs`) gets it, within the same ten minutes.
 */
export function waitAfter(attempts: number, random: number, retryAfterMs = 0): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempts - 1))
  return Math.max(longest * (1 - random / 2), Math.min(retryAfterMs, LONGEST_MS))
}
