// A cell that a guest has taken over says what it likes: late, twice, too much, for others.
import type { LogLine, Progress, RuntimeCall, RuntimeOutcome } from '@morphee/host'
import { effectiveLimits } from '@morphee/manifest'
import { afterEach, describe, expect, it } from 'vitest'
import { type CellPool, createCellPool } from '../../src/node/isolation/cell-pool.ts'
import type { CellListener } from '../../src/node/isolation/guest-cell.ts'
import type { GuestCode, InvokeMessage, ToGuest } from '../../src/node/isolation/protocol.ts'
import { createSynchronousDoor } from '../../src/node/isolation/synchronous-door.ts'
import { storageCalls, stored } from './housed.ts'

const CODE: GuestCode = {
  digest: 'sha256:0',
  bytes: new Uint8Array(),
  modules: undefined,
  limits: { maxMemoryBytes: 0, maxHandles: 0 },
}

/** What the taken cell does when a call comes in. */
type Misdeed = (message: InvokeMessage, say: CellListener['onMessage']) => void

const pools: CellPool[] = []
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close()
})

function openTaken(
  misdeed: Misdeed,
  kill: () => Promise<void> = async () => {},
): {
  readonly pool: CellPool
  call(fields?: Partial<RuntimeCall>): Promise<RuntimeOutcome>
} {
  const pool = createCellPool(
    {
      holds: true,
      open: (listener) => ({
        ready: Promise.resolve(),
        post(message) {
          if (message.kind !== 'invoke') return
          queueMicrotask(() => misdeed(message, (said) => listener.onMessage(said)))
        },
        ref: () => {},
        unref: () => {},
        kill,
      }),
    },
    { maxCells: 1, idleMs: 30_000 },
  )
  pools.push(pool)
  const limits = effectiveLimits({ logLines: 5, wallMs: 500 })
  return {
    pool,
    call: (fields = {}) =>
      pool.run(CODE, {
        ...{ workspace: 'one', invocation: 'inv_1', caller: 'person', action: 'go', input: '' },
        ...{ locale: 'en', timeZone: 'UTC', config: {}, limits, remainingMs: 500 },
        calls: storageCalls(() => stored('x')),
        signal: new AbortController().signal,
        onLog: () => {},
        onDroppedLogLines: () => {},
        onProgress: () => {},
        ...fields,
      }),
  }
}

const done = (lease: number, output: string) =>
  ({ kind: 'done', lease, output, droppedLogLines: 0 }) as const

describe('a cell that a guest has taken over', () => {
  it('cannot answer a call with what it says late for an earlier one', async () => {
    let earlier: number | undefined
    const { call } = openTaken((message, say) => {
      if (earlier !== undefined) {
        say({ kind: 'log', lease: earlier, lines: [{ level: 'info', message: 'late' }] })
        say({ kind: 'progress', lease: earlier, fraction: 1, message: 'late' })
        say({ kind: 'ask', lease: earlier, ask: 1, name: 'storage#get', bytes: new Uint8Array() })
        say(done(earlier, 'late'))
      }
      earlier = message.lease
      say(done(message.lease, `answer ${message.lease}`))
    })
    const heard: unknown[] = []
    const listening = {
      onLog: (line: LogLine) => heard.push(line),
      onProgress: (one: unknown) => heard.push(one),
      calls: {
        async call(name: string) {
          heard.push(name)
          return new Uint8Array()
        },
      },
    }
    expect((await call(listening)).answer).toMatchObject({ output: 'answer 1' })
    expect((await call(listening)).answer).toMatchObject({ output: 'answer 2' })
    expect(heard).toEqual([])
  })

  it('cannot answer a call with what it says for one to come', async () => {
    const { call } = openTaken(({ lease }, say) => say(done(lease + 1, 'early')))
    await expect(call()).rejects.toMatchObject({ details: { limit: 'wall-time' } })
  })

  it('cannot answer twice', async () => {
    const { call } = openTaken(({ lease }, say) => {
      say(done(lease, 'first'))
      say(done(lease, 'second'))
      say({ kind: 'failed', lease, reason: 'unreachable', message: '', droppedLogLines: 0 })
    })
    expect((await call()).answer).toMatchObject({ output: 'first' })
  })

  it('is ended when it asks a second time before it was answered', async () => {
    const { call, pool } = openTaken(({ lease }, say) => {
      for (const ask of [1, 2])
        say({ kind: 'ask', lease, ask, name: 'storage#get', bytes: new Uint8Array() })
    })
    const asked: string[] = []
    const calls = {
      call: (name: string) => {
        asked.push(name)
        return new Promise<never>(() => {})
      },
    }
    await expect(call({ calls })).rejects.toMatchObject({
      code: 'ERR_HOST_TRAPPED',
      details: { reason: 'worker-ended' },
    })
    expect(asked).toEqual(['storage#get'])
    expect(pool.size).toBe(0)
  })

  it('that cannot be ended keeps its caller no longer than its limit', async () => {
    const { call, pool } = openTaken(
      () => {},
      () => new Promise(() => {}),
    )
    await expect(call()).rejects.toMatchObject({ details: { limit: 'wall-time' } })
    expect(pool.size).toBe(0)
    pools.length = 0
  })

  it('fills no log beyond the limit', async () => {
    const { call } = openTaken(({ lease }, say) => {
      const lines = Array.from({ length: 1000 }, () => ({ level: 'info', message: 'x' }))
      say({ kind: 'log', lease, lines })
      say({ kind: 'log', lease, lines })
      say(done(lease, ''))
    })
    const log: LogLine[] = []
    await call({ onLog: (line) => log.push(line) })
    expect(log).toHaveLength(5)
  })
})

describe('what a taken cell says', () => {
  it('is cleaned and bounded like what an honest one says', async () => {
    const { call } = openTaken(({ lease }, say) => {
      const level = '\u001b[31m'
      say({ kind: 'log', lease, lines: [{ level, message: `\u202e${'x'.repeat(100_000)}` }] })
      say({ kind: 'progress', lease, fraction: Number.NaN, message: `\u001b${'y'.repeat(9999)}` })
      say({ kind: 'failed', lease, reason: '\u001b]0;', message: 'z', droppedLogLines: 0 })
    })
    const log: LogLine[] = []
    const progress: Progress[] = []
    const error = await call({
      onLog: (line) => log.push(line),
      onProgress: (one) => progress.push(one),
    }).catch((thrown: unknown) => thrown)
    expect(log).toMatchObject([{ level: 'info' }])
    expect(log[0]?.message.length).toBeLessThanOrEqual(4096)
    expect(progress).toMatchObject([{ fraction: undefined }])
    expect(progress[0]?.message.length).toBeLessThanOrEqual(500)
    expect(JSON.stringify([log, progress])).not.toMatch(/\\u001b|\u202e/)
    expect(error).toMatchObject({ details: { reason: 'other' } })
    expect((error as Error).message).not.toContain('\u001b')
  })

  it('about its progress does not keep the host busy', async () => {
    const { call } = openTaken(({ lease }, say) => {
      for (let n = 0; n < 100_000; n++) say({ kind: 'progress', lease, fraction: 0, message: '' })
      say(done(lease, ''))
    })
    let heard = 0
    await call({ onProgress: () => heard++ })
    expect(heard).toBeLessThan(200)
  })
})

describe('the door of a cell with a thread to itself', () => {
  const answer = (lease: number, ask: number, byte: number): ToGuest => ({
    kind: 'answer',
    remainingMs: 500,
    lease,
    ask,
    bytes: Uint8Array.of(byte),
  })

  it('lets in no answer but the one to its question', () => {
    const queue = [answer(1, 7, 1), answer(2, 6, 2), answer(2, 7, 3)]
    const { door } = createSynchronousDoor(
      () => {},
      () => queue.shift() as ToGuest,
    )
    expect(door.answer(2, 7)).toMatchObject({ bytes: Uint8Array.of(3) })
  })

  it('takes no late answer for work', () => {
    const work: ToGuest = { kind: 'code', code: CODE }
    const queue = [answer(1, 1, 1), work]
    const { next } = createSynchronousDoor(
      () => {},
      () => queue.shift() as ToGuest,
    )
    expect(next()).toBe(work)
  })
})

describe('a cell that cannot be ended', () => {
  it('goes on counting as a cell, is not given its code again, and keeps nobody waiting', async () => {
    let opened = 0
    const { pool, call } = openTaken(
      () => void opened++,
      () => new Promise(() => {}),
    )
    await expect(call()).rejects.toMatchObject({ details: { limit: 'wall-time' } })
    expect(pool.size).toBe(0)
    // The only place is taken by what does not end: no second one is opened for the next call.
    await expect(call()).rejects.toMatchObject({ details: { limit: 'wall-time' } })
    expect(opened).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 5200))
    await expect(call()).rejects.toMatchObject({
      code: 'ERR_HOST_TRAPPED',
      details: { reason: 'cannot-be-ended' },
    })
    await pool.close()
  }, 15_000)
})
