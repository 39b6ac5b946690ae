import type { Clock } from '@morphee/core'

/** How many equal parts a window is counted in; one part is the error of the sliding. */
const PARTS = 60

/**
 * Counts an amount over the last minute, for a rate limit.
 *
 * Bounded in memory whatever is charged: sixty counters. What falls out of the window comes back a second at a time, so a
 * burst at the end of one minute cannot be doubled at the start of the next.
 */
export class SlidingWindow {
  readonly #clock: Clock
  readonly #windowMs: number
  readonly #amounts = new Float64Array(PARTS)
  #part = 0
  #total = 0

  constructor(clock: Clock, windowMs = 60_000) {
    this.#clock = clock
    this.#windowMs = windowMs
    this.#part = this.#now()
  }

  /** Charges `amount` if the window stays within `limit`; otherwise changes nothing and returns how long to wait, in milliseconds. */
  tryCharge(amount: number, limit: number): number | undefined {
    this.#slide()
    if (this.#total + amount > limit) return this.#waitFor(this.#total + amount - limit)
    this.add(amount)
    return undefined
  }

  /** Charges what has already happened, over the limit or not. */
  add(amount: number): void {
    this.#slide()
    const slot = this.#part % PARTS
    this.#amounts[slot] = (this.#amounts[slot] as number) + amount
    this.#total += amount
  }

  get total(): number {
    this.#slide()
    return this.#total
  }

  #now(): number {
    return Math.floor(this.#clock.monotonic() / (this.#windowMs / PARTS))
  }

  #slide(): void {
    const now = this.#now()
    for (let steps = Math.min(now - this.#part, PARTS); steps > 0; steps--) {
      this.#part++
      const slot = this.#part % PARTS
      this.#total -= this.#amounts[slot] as number
      this.#amounts[slot] = 0
    }
    this.#part = Math.max(this.#part, now)
  }

  #waitFor(excess: number): number {
    let freed = 0
    for (let age = PARTS - 1; age >= 0; age--) {
      freed += this.#amounts[(this.#part - age + PARTS * 2) % PARTS] as number
      if (freed >= excess) return ((PARTS - age) * this.#windowMs) / PARTS
    }
    return this.#windowMs
  }
}
