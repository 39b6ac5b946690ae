// How long a question may wait, and what it costs the call that asks.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { PersonWaits } from '../../src/invocation/person-waits.ts'
import { createDesk, QUESTION, type TestDesk } from './fixture.ts'

const TEN_MINUTES = 600_000

describe('a question of a call that has two seconds left', () => {
  let test: TestDesk
  let time: number
  let waits: PersonWaits
  beforeEach(async () => {
    test = await createDesk()
    time = 0
    waits = new PersonWaits(() => time)
  })
  afterEach(() => test.close())

  const ask = (): ReturnType<TestDesk['ask']> =>
    test.desk.ask({
      question: QUESTION,
      invocation: 'inv_1',
      remainingMs: 2000,
      waits,
      signal: new AbortController().signal,
    })

  it('waits for its own time, for which that of the call stands still, and is refused then', async () => {
    const asked = ask()
    const { askedAt, expiresAt } = await test.next()
    expect(expiresAt - askedAt).toBe(TEN_MINUTES)
    time += TEN_MINUTES
    expect(waits.waitedMs()).toBe(TEN_MINUTES)
    test.time.now = expiresAt
    expect(await asked).toEqual({ kind: 'refused', reason: 'nobody answered in time' })
    time += 1000
    expect(waits.waitedMs()).toBe(TEN_MINUTES)
  })

  it('gets what earlier ones of the call have left of it', async () => {
    const end = waits.tryBegin()
    time += 400_000
    end?.()
    const asked = ask()
    const question = await test.next()
    expect(question.expiresAt - question.askedAt).toBe(200_000)
    await test.answer(question, { kind: 'deny' })
    await asked
  })

  it('waits as long as the call has left where no more calls may stand still, or it has for long enough', async () => {
    const end = waits.tryBegin()
    time += TEN_MINUTES
    end?.()
    const spent = ask()
    const first = await test.next()
    expect(first.expiresAt - first.askedAt).toBe(1000)
    await test.answer(first, { kind: 'deny' })
    await spent

    waits = new PersonWaits(() => time)
    waits.within({ tryEnter: () => false, leave: () => {} })
    const noRoom = ask()
    const second = await test.next()
    expect(second.expiresAt - second.askedAt).toBe(1000)
    time += 1000
    expect(waits.waitedMs()).toBe(0)
    await test.answer(second, { kind: 'deny' })
    await noRoom
  })
})

describe('waits of one call that overlap', () => {
  it('count once, and take one place', () => {
    let time = 0
    let places = 0
    const waits = new PersonWaits(() => time)
    waits.within({ tryEnter: () => ++places > 0, leave: () => void places-- })
    const first = waits.tryBegin()
    time += 100
    const second = waits.tryBegin()
    expect(places).toBe(1)
    first?.()
    time += 100
    expect(places).toBe(1)
    second?.()
    time += 100
    expect([places, waits.waitedMs()]).toEqual([0, 200])
  })
})
