import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlidingWindow } from '../../src/invocation/sliding-window.ts'

const WINDOW = 60_000
const PART = WINDOW / 60

/** The same limit by a list of everything that was charged, in parts of a second as the window counts. */
class NaiveWindow {
  readonly #log: { readonly part: number; readonly amount: number }[] = []
  readonly now: () => number
  constructor(now: () => number) {
    this.now = now
  }

  get total(): number {
    const part = Math.floor(this.now() / PART)
    return this.#log
      .filter((one) => part - one.part < 60)
      .reduce((sum, { amount }) => sum + amount, 0)
  }

  tryCharge(amount: number, limit: number): boolean {
    if (this.total + amount > limit) return false
    this.#log.push({ part: Math.floor(this.now() / PART), amount })
    return true
  }
}

describe('SlidingWindow', () => {
  it('counts as a log of everything would', () => {
    const steps = fc.array(
      fc.record({
        wait: fc.oneof(fc.nat(3000), fc.nat(200_000)),
        amount: fc.nat(50),
        limit: fc.integer({ min: 1, max: 200 }),
      }),
      { maxLength: 200 },
    )
    fc.assert(
      fc.property(steps, fc.nat(1_000_000), (all, start) => {
        let now = start
        const window = new SlidingWindow({ now: () => now, monotonic: () => now })
        const naive = new NaiveWindow(() => now)
        for (const { wait, amount, limit } of all) {
          now += wait
          expect(window.tryCharge(amount, limit) === undefined).toBe(naive.tryCharge(amount, limit))
          expect(window.total).toBe(naive.total)
        }
      }),
    )
  })

  it('tryCharge() says a wait after which the same charge goes through', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ wait: fc.nat(20_000), amount: fc.nat(20) }), { maxLength: 50 }),
        fc.integer({ min: 1, max: 20 }),
        (all, amount) => {
          let now = 0
          const window = new SlidingWindow({ now: () => now, monotonic: () => now })
          for (const one of all) {
            now += one.wait
            window.tryCharge(one.amount, 20)
          }
          const wait = window.tryCharge(amount, 20)
          if (wait === undefined) return
          expect(wait).toBeGreaterThan(0)
          expect(wait).toBeLessThanOrEqual(WINDOW)
          now += wait
          expect(window.tryCharge(amount, 20)).toBeUndefined()
        },
      ),
    )
  })

  it('tryCharge() refuses what is more than the limit for ever, with the window as the wait', () => {
    const window = new SlidingWindow({ now: () => 0, monotonic: () => 0 })
    expect(window.tryCharge(21, 20)).toBe(WINDOW)
    expect(window.total).toBe(0)
  })

  it('add() counts what has happened, over the limit or not', () => {
    const window = new SlidingWindow({ now: () => 0, monotonic: () => 0 })
    window.add(1000)
    expect(window.total).toBe(1000)
    expect(window.tryCharge(1, 20)).toBe(WINDOW)
  })

  it('a clock that stands still or jumps far loses nothing and keeps nothing', () => {
    let now = 5
    const window = new SlidingWindow({ now: () => now, monotonic: () => now })
    window.add(3)
    expect(window.total).toBe(3)
    now = 1e12
    expect(window.total).toBe(0)
  })
})
