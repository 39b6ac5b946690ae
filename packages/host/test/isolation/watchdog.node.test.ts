import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { InterruptionFlag } from '@morphee/component'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { raiseDue } from '../../src/node/thread/raise-due.ts'
import {
  createWatchdog,
  IDLE,
  PLACES,
  RAISED,
  type Watchdog,
} from '../../src/node/thread/watchdog.ts'

/** Keeps this thread busy, as a guest does, until `flag` is raised or the time is over. */
function stayUntilRaised(flag: InterruptionFlag, forMs: number): boolean {
  const until = performance.now() + forMs
  while (performance.now() < until) if (flag.raised) return true
  return false
}

describe('createWatchdog()', () => {
  let watchdog: Watchdog
  beforeAll(async () => {
    watchdog = createWatchdog()
    await watchdog.ready
  })
  afterAll(() => watchdog.close())

  it('raises the flag of a guest that stays too long, while the host’s thread stands still', () => {
    const flag = new InterruptionFlag()
    const guard = watchdog.guard(flag)
    guard.arm(5)
    expect(stayUntilRaised(flag, 10_000)).toBe(true)
    guard.release()
  })

  it('does so again after it has slept', async () => {
    await new Promise((resolve) => setTimeout(resolve, 1500))
    const flag = new InterruptionFlag()
    const guard = watchdog.guard(flag)
    guard.arm(5)
    expect(stayUntilRaised(flag, 10_000)).toBe(true)
    guard.release()
  })

  it('raises no flag of a guest that came out in time', () => {
    const flag = new InterruptionFlag()
    const guard = watchdog.guard(flag)
    guard.arm(20)
    guard.disarm()
    expect(stayUntilRaised(flag, 60)).toBe(false)
    guard.release()
  })

  it('holds the next call to its own deadline, not to that of the one before', () => {
    const flag = new InterruptionFlag()
    const guard = watchdog.guard(flag)
    for (let turn = 0; turn < 20; turn++) {
      guard.arm(3)
      guard.disarm()
    }
    guard.arm(60_000)
    expect(stayUntilRaised(flag, 60)).toBe(false)
    guard.release()
  })

  it('raises the flag that has a place now, not the one that had it before', () => {
    for (let turn = 0; turn < 100; turn++) {
      const before = new InterruptionFlag()
      watchdog.guard(before).release()
      const flag = new InterruptionFlag()
      const guard = watchdog.guard(flag)
      guard.arm(0)
      expect(stayUntilRaised(flag, 10_000)).toBe(true)
      expect(before.raised).toBe(false)
      guard.release()
    }
  })

  it('has a place for so many and no more', () => {
    const guards = Array.from({ length: PLACES }, () => watchdog.guard(new InterruptionFlag()))
    expect(() => watchdog.guard(new InterruptionFlag())).toThrow(TypeError)
    for (const guard of guards) guard.release()
  })

  it('says nothing of its end when it is closed', async () => {
    const own = createWatchdog()
    const ended: unknown[] = []
    own.onEnd((cause) => ended.push(cause))
    await own.close()
    expect(ended).toEqual([])
  })
})

describe('raiseDue()', () => {
  const places = (state: number, deadline: number) => ({
    states: new Int32Array(new SharedArrayBuffer(4)).fill(state),
    deadlines: new Float64Array(new SharedArrayBuffer(8)).fill(deadline),
  })

  it('takes what is due, once', () => {
    const due = places(7, 10)
    const raised: number[] = []
    expect(raiseDue(due, 10, (place) => raised.push(place))).toBe(true)
    expect(raiseDue(due, 20, (place) => raised.push(place))).toBe(false)
    expect(raised).toEqual([0])
    expect(due.states[0]).toBe(RAISED)
  })

  it('leaves what is not due', () => {
    const later = places(7, 11)
    expect(raiseDue(later, 10, () => expect.unreachable())).toBe(true)
    expect(later.states[0]).toBe(7)
  })

  for (const [what, then] of [
    ['disarmed', IDLE],
    ['armed again', 8],
  ] as const) {
    it(`leaves a place that is ${what} between the look at its state and at its deadline`, () => {
      const { states, deadlines } = places(7, 0)
      const slow = new Proxy(deadlines, {
        get() {
          states[0] = then
          return 0
        },
      })
      raiseDue({ states, deadlines: slow }, 10, () => expect.unreachable())
      expect(states[0]).toBe(then)
    })
  }
})

it('a call that is killed before its guest runs does not run it, with nobody left to watch', () => {
  // In a process of its own: there is no other way to end a guest that nobody watches.
  const script = join(import.meta.dirname, 'killed-before-it-runs.ts')
  const { status } = spawnSync(process.execPath, ['--conditions=@morphee/source', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 30_000,
  })
  expect(status).toBe(0)
})
