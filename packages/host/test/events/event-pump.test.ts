import { HostError } from '@morphee/host'
import { expect, it } from 'vitest'
import { waitAfter } from '../../src/events/delivery-times.ts'
import { createEventPump } from '../../src/events/event-pump.ts'

const BUSY = new HostError('ERR_HOST_LIMIT', 'Busy', { limit: 'x', value: 1, unit: 'x' })

function createPump(waitMs?: number): {
  pump: ReturnType<typeof createEventPump>
  deliveries: () => number
  timers: number[]
  errors: unknown[]
  ring: () => void
  fail: (error: Error) => void
} {
  let count = 0
  let failure: Error | undefined
  let ring = (): void => {}
  const timers: number[] = []
  const errors: unknown[] = []
  const pump = createEventPump({
    deliver: async () => {
      count++
      if (failure !== undefined) throw failure
    },
    waitMs: async () => waitMs,
    onError: (error) => errors.push(error),
    startTimer(ms, then) {
      timers.push(ms)
      ring = then
      return () => {}
    },
  })
  return {
    pump,
    deliveries: () => count,
    timers,
    errors,
    ring: () => ring(),
    fail: (error) => (failure = error),
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

it('createEventPump() delivers when it starts, when it is woken, and when its time has come', async () => {
  const { pump, deliveries, timers, ring } = createPump(250)
  await settle()
  expect(deliveries()).toBe(0)
  pump.start()
  pump.start()
  await settle()
  expect([deliveries(), timers]).toEqual([1, [250]])
  pump.wake()
  await settle()
  expect(deliveries()).toBe(2)
  ring()
  await settle()
  expect(deliveries()).toBe(3)
  await pump.stop()
  expect(deliveries()).toBe(3)
})

it('createEventPump() looks for what other processes announced, and goes on when a delivery failed', async () => {
  const { pump, deliveries, timers, errors, ring, fail } = createPump()
  fail(BUSY)
  pump.start()
  await settle()
  expect([deliveries(), timers, errors]).toEqual([1, [1000], [BUSY]])
  const fault = new TypeError('a fault of the host')
  fail(fault)
  ring()
  await settle()
  expect([deliveries(), errors]).toEqual([2, [BUSY, fault]])
  ring()
  await settle()
  expect(deliveries()).toBe(3)
  await pump.stop()
})

it('createEventPump() stops before it was started, and while it waits', async () => {
  await createPump().pump.stop()
  const { pump, deliveries } = createPump()
  pump.start()
  await settle()
  await pump.stop()
  expect(deliveries()).toBe(1)
})

it('waitAfter() doubles, has an end, misses up to a half, and waits for who asks for more', () => {
  expect([1, 2, 3, 4].map((attempts) => waitAfter(attempts, 0))).toEqual([1000, 2000, 4000, 8000])
  expect(waitAfter(40, 0)).toBe(600_000)
  expect(waitAfter(1, 1)).toBe(500)
  expect(waitAfter(1, 0, 30_000)).toBe(30_000)
  expect(waitAfter(1, 0, Number.MAX_SAFE_INTEGER)).toBe(600_000)
})
