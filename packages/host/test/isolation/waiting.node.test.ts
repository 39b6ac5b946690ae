// The wall time of a call stands still while a person is waited for, at every level.
import { createCodec } from '@morphee/component'
import type { RuntimeCall } from '@morphee/host'
import { effectiveLimits, ISOLATION_LEVELS } from '@morphee/manifest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CONTRACT, CONTRACT_VERSION } from '../../src/contract/contract.generated.ts'
import { createGuestImports } from '../../src/node/isolation/guest-imports.ts'
import type { GuestCall } from '../../src/node/isolation/guest-imports.ts'
import { startWallTimer } from '../../src/invocation/wall-timer.ts'
import { PersonWaits } from '../../src/invocation/person-waits.ts'
import { createBuiltinRuntime } from '../../src/runtimes/builtin-runtime.ts'
import { ACT } from './acting-guest.ts'
import { type ActFields, type Housed, openHoused, storageCalls, stored } from './housed.ts'

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const WALL_MS = 400
const WALL_LIMIT = { details: { limit: 'wall-time', value: WALL_MS } }

/** A call whose first question waits for a person for longer than it may run; each later one takes 10 ms. */
function asking(): ActFields & { readonly began: boolean[]; readonly later: () => number } {
  const waits = new PersonWaits(() => performance.now())
  const began: boolean[] = []
  let later = 0
  const calls = storageCalls(async () => {
    if (began.length > 0) {
      later++
      await sleep(10)
      return stored('later')
    }
    const end = waits.tryBegin()
    began.push(end !== undefined)
    await sleep(WALL_MS + 200)
    end?.()
    return stored('answered')
  })
  return { waits, calls, began, later: () => later, limits: { wallMs: WALL_MS } }
}

for (const level of ISOLATION_LEVELS) {
  describe(`a wait for a person at the level ${level}`, () => {
    let housed: Housed
    beforeAll(async () => {
      housed = await openHoused(level)
      // The start of a cell is part of the call that needs it.
      await housed.answer(ACT.get, 'k')
    })
    afterAll(() => housed.close())

    it('may be longer than the call may run, whose limit ends it all the same after the answer', async () => {
      const call = asking()
      await expect(housed.act(ACT.getForEver, 'k', call)).rejects.toMatchObject(WALL_LIMIT)
      expect(call.began).toEqual([true])
      expect(call.later()).toBeGreaterThan(0)
    })

    it('ends at once when the call is taken back', async () => {
      const controller = new AbortController()
      const fields = asking()
      const call = housed.act(ACT.get, 'k', {
        waits: fields.waits,
        calls: storageCalls(() => {
          fields.waits?.tryBegin()
          controller.abort(new Error('taken back'))
          return new Promise(() => {})
        }),
        signal: controller.signal,
      })
      await expect(call).rejects.toThrow('taken back')
    })
  })
}

describe('cells that wait for people', () => {
  it('are at most half of all: the time of the others goes on', async () => {
    const housed = await openHoused('worker', { workers: { maxWorkers: 2 } })
    await Promise.all(['one', 'two'].map((workspace) => housed.act(ACT.get, 'k', { workspace })))
    const first = asking()
    const second = asking()
    const [one, other] = await Promise.allSettled([
      housed.answer(ACT.get, 'k', first),
      housed.answer(ACT.get, 'k', { ...second, workspace: 'two' }),
    ])
    expect([...first.began, ...second.began].toSorted()).toEqual([false, true])
    expect([one, other].filter(({ status }) => status === 'rejected')).toMatchObject([
      { reason: WALL_LIMIT },
    ])
    // The place of a wait that is over is free again.
    expect(await housed.answer(ACT.get, 'k', asking())).toBe('answered')
    await housed.close()
  })
})

describe('a wait for a person of a built-in', () => {
  it('may be longer than the call may run, whose limit ends it all the same after the answer', async () => {
    const call = asking()
    const over = new AbortController()
    const runtime = createBuiltinRuntime({
      async go(_input, { storage }) {
        for (;;) await storage.get('k')
      },
    })
    const limits = effectiveLimits({ wallMs: WALL_MS })
    const running = runtime.invoke({
      ...{ workspace: 'one', invocation: 'inv_1', caller: 'person', action: 'go', input: '{}' },
      ...{ locale: 'en', timeZone: 'UTC', config: {}, remainingMs: WALL_MS },
      onLog: () => {},
      onDroppedLogLines: () => {},
      onProgress: () => {},
      ...call,
      calls: call.calls as RuntimeCall['calls'],
      limits,
      signal: over.signal,
    })
    await expect(running).rejects.toMatchObject(WALL_LIMIT)
    over.abort()
    expect(call.began).toEqual([true])
    expect(call.later()).toBeGreaterThan(0)
  })
})

describe('the time that is left', () => {
  it('does not shrink on the host’s side while a person is waited for', async () => {
    const waits = new PersonWaits(() => performance.now())
    const timer = startWallTimer(60_000, waits, () => {})
    const end = waits.tryBegin()
    const before = timer.leftMs()
    await sleep(20)
    expect(timer.leftMs()).toBe(before)
    end?.()
    await sleep(20)
    expect(timer.leftMs()).toBeLessThan(before)
    timer.end()
  })

  it('is for the guest what the host says with each answer', () => {
    const { result } = CONTRACT['storage#get']
    const bytes = createCodec(result === null ? [] : [result]).encode([stored('x')])
    const { interfaces, begin } = createGuestImports()
    begin({
      message: { remainingMs: 10 },
      ask: () => ({ bytes, remainingMs: 50_000 }),
    } as unknown as GuestCall)
    const call = (name: string, fn: string, ...args: unknown[]): unknown =>
      (
        interfaces[`morphee:extension/${name}@${CONTRACT_VERSION}`]?.[fn] as (
          ...args: unknown[]
        ) => unknown
      )(...args)
    expect(Number(call('invocation', 'remainingMs'))).toBeLessThanOrEqual(10)
    call('storage', 'get', 'k')
    expect(Number(call('invocation', 'remainingMs'))).toBeGreaterThan(10_000)
  })
})
