// Many timers on one.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createSharedTimer } from '../../src/node/isolation/shared-timer.ts'

describe('createSharedTimer()', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  })
  afterEach(() => vi.useRealTimers())

  it('calls each when it is due, whatever the order they were started in', () => {
    const start = createSharedTimer()
    const rung: number[] = []
    for (const ms of [300, 100, 200, 100, 0]) start(ms, () => rung.push(ms))
    vi.advanceTimersByTime(100)
    expect(rung).toEqual([0, 100, 100])
    start(50, () => rung.push(50))
    vi.advanceTimersByTime(50)
    expect(rung.slice(3)).toEqual([50])
    vi.advanceTimersByTime(1000)
    expect(rung.slice(4)).toEqual([200, 300])
  })

  it('calls none that was stopped, be it by one that is due with it', () => {
    const start = createSharedTimer()
    const rung: string[] = []
    const stops = ['a', 'b', 'c'].map((name) =>
      start(name === 'c' ? 200 : 100, () => {
        rung.push(name)
        stops[1]?.()
      }),
    )
    vi.advanceTimersByTime(150)
    stops[2]?.()
    vi.advanceTimersByTime(1000)
    expect(rung).toEqual(['a'])
  })

  it('calls the others when one throws', () => {
    const start = createSharedTimer()
    const rung: string[] = []
    start(100, () => {
      throw new Error('a fault')
    })
    start(200, () => rung.push('later'))
    expect(() => vi.advanceTimersByTime(100)).toThrow('a fault')
    vi.advanceTimersByTime(100)
    expect(rung).toEqual(['later'])
  })
})

describe('a shared timer', () => {
  const timeouts = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length

  it('keeps the process alive as long as one of its timers runs', () => {
    const start = createSharedTimer()
    const before = timeouts()
    const stops = [start(60_000, () => {}), start(50_000, () => {})]
    expect(timeouts()).toBe(before + 1)
    stops[1]?.()
    expect(timeouts()).toBe(before + 1)
    stops[0]?.()
    expect(timeouts()).toBe(before)
    const stop = start(60_000, () => {})
    expect(timeouts()).toBe(before + 1)
    stop()
  })
})
