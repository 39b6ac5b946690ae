import { Component } from '@morphee/component'
import { digestOf } from '@morphee/core'
import { effectiveLimits } from '@morphee/manifest'
import type { RuntimeCall } from '@morphee/host'
import { afterEach, describe, expect, it } from 'vitest'
import { engineLimits } from '../../src/contract/compile-guest.ts'
import {
  type CellPool,
  type CellPoolOptions,
  createCellPool,
} from '../../src/node/isolation/cell-pool.ts'
import type { GuestCode } from '../../src/node/isolation/protocol.ts'
import { createWorkerCells } from '../../src/node/worker/worker-cell.ts'
import { type Behaviour, buildGuest } from '../fixture/guest.ts'

const pools: CellPool[] = []
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close()
})
const newPool = (options: Partial<CellPoolOptions> = {}): CellPool => {
  const pool = createCellPool(createWorkerCells(), { maxCells: 8, idleMs: 30_000, ...options })
  pools.push(pool)
  return pool
}

const LIMITS = effectiveLimits({ cpuMs: 2000 })
async function codeOf(behaviour: Behaviour): Promise<GuestCode> {
  const bytes = buildGuest(behaviour)
  const limits = engineLimits(LIMITS)
  const { modules } = await Component.compile(bytes, { limits })
  return { digest: await digestOf(bytes), bytes, modules, limits }
}

function callOf(fields: Partial<RuntimeCall> = {}): RuntimeCall {
  return {
    workspace: 'one',
    invocation: 'inv_test',
    caller: 'person',
    locale: 'en',
    timeZone: 'UTC',
    action: 'go',
    input: '{}',
    config: {},
    limits: LIMITS,
    remainingMs: 10_000,
    calls: { call: async () => Promise.reject(new Error('no effects here')) },
    signal: new AbortController().signal,
    onLog: () => {},
    onDroppedLogLines: () => {},
    onProgress: () => {},
    ...fields,
  }
}

const ANSWER = { answer: { kind: 'ok', output: '1' } }

describe('createCellPool()', () => {
  it('uses a worker of the workspace again, and never one of another', async () => {
    const code = await codeOf({ kind: 'answer', text: '1' })
    const pool = newPool()
    await pool.run(code, callOf())
    await pool.run(code, callOf())
    expect(pool.size).toBe(1)
    await pool.run(code, callOf({ workspace: 'two' }))
    expect(pool.size).toBe(2)
  })

  it('ends an idle worker of another workspace when there is no room', async () => {
    const code = await codeOf({ kind: 'answer', text: '1' })
    const pool = newPool({ maxCells: 1 })
    expect(await pool.run(code, callOf())).toMatchObject(ANSWER)
    expect(await pool.run(code, callOf({ workspace: 'two' }))).toMatchObject(ANSWER)
    expect(pool.size).toBe(1)
  })

  it('ends an idle worker after its time', async () => {
    const code = await codeOf({ kind: 'answer', text: '1' })
    const pool = newPool({ idleMs: 1 })
    await pool.run(code, callOf())
    await expect.poll(() => pool.size).toBe(0)
  })

  it('lets calls wait for a worker, and serves them all', async () => {
    const code = await codeOf({ kind: 'answer', text: '1' })
    const pool = newPool({ maxCells: 2 })
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, n) => pool.run(code, callOf({ workspace: `w${n % 3}` }))),
    )
    expect(outcomes).toHaveLength(20)
    expect(pool.size).toBeLessThanOrEqual(2)
  })

  it('a call that gives up in the queue leaves its place to the next', async () => {
    const loop = await codeOf({ kind: 'loop' })
    const code = await codeOf({ kind: 'answer', text: '1' })
    const pool = newPool({ maxCells: 1 })
    const busy = new AbortController()
    const running = pool.run(loop, callOf({ signal: busy.signal }))
    const waits = new AbortController()
    const given = pool.run(code, callOf({ signal: waits.signal }))
    const next = pool.run(code, callOf())
    waits.abort(new Error('given up'))
    await expect(given).rejects.toThrow('given up')
    busy.abort(new Error('stopped'))
    await expect(running).rejects.toThrow('stopped')
    expect(await next).toMatchObject(ANSWER)
  })

  it('two that give up while a worker becomes free do not keep it from the third', async () => {
    const code = await codeOf({ kind: 'answer', text: '1' })
    const pool = newPool({ maxCells: 1 })
    const controllers = [new AbortController(), new AbortController()]
    const first = pool.run(code, callOf())
    const given = controllers.map(({ signal }) => pool.run(code, callOf({ signal })))
    const third = pool.run(code, callOf())
    await first
    for (const controller of controllers) controller.abort(new Error('given up'))
    await Promise.allSettled(given)
    expect(await third).toMatchObject(ANSWER)
  })

  it('a call that was taken back before does not wait for a worker', async () => {
    const loop = await codeOf({ kind: 'loop' })
    const pool = newPool({ maxCells: 1 })
    const busy = new AbortController()
    const running = pool.run(loop, callOf({ signal: busy.signal }))
    await expect(
      pool.run(loop, callOf({ signal: AbortSignal.abort(new Error('before')) })),
    ).rejects.toThrow('before')
    busy.abort(new Error('stopped'))
    await expect(running).rejects.toThrow('stopped')
  })

  it('waiting for a worker counts as wall time', async () => {
    const loop = await codeOf({ kind: 'loop' })
    const pool = newPool({ maxCells: 1 })
    const busy = new AbortController()
    const running = pool.run(loop, callOf({ signal: busy.signal }))
    await expect(pool.run(loop, callOf({ remainingMs: 50 }))).rejects.toMatchObject({
      code: 'ERR_HOST_LIMIT',
      details: { limit: 'wall-time' },
    })
    busy.abort(new Error('stopped'))
    await expect(running).rejects.toThrow('stopped')
  })

  it('a guest that is stopped loses its worker, and what it says afterwards is not heard', async () => {
    const loop = await codeOf({ kind: 'loop' })
    const code = await codeOf({ kind: 'answer', text: '1' })
    const pool = newPool({ maxCells: 1 })
    const limits = effectiveLimits({ cpuMs: 20 })
    await expect(pool.run(loop, callOf({ limits }))).rejects.toMatchObject({
      details: { limit: 'cpu-time', value: 20 },
    })
    expect(pool.size).toBe(0)
    expect(await pool.run(code, callOf())).toMatchObject(ANSWER)
  })

  it('close() ends what runs and what waits', async () => {
    const loop = await codeOf({ kind: 'loop' })
    const pool = newPool({ maxCells: 1 })
    const calls = [pool.run(loop, callOf()), pool.run(loop, callOf())]
    const settled = Promise.allSettled(calls)
    await pool.close()
    for (const one of await settled) expect(one.status).toBe('rejected')
    expect(pool.size).toBe(0)
    await expect(pool.run(loop, callOf())).rejects.toThrow(TypeError)
  })
})
