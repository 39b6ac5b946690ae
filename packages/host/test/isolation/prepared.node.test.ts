// The instance that a cell makes ahead: its start is a guest's code, which runs when no call does.
import type { Component } from '@morphee/component'
import { digestOf } from '@morphee/core'
import type { RuntimeCall, RuntimeOutcome } from '@morphee/host'
import { effectiveLimits } from '@morphee/manifest'
import { afterEach, describe, expect, it } from 'vitest'
import { parseWat } from '../../../component/test/toolchain.ts'
import {
  compileGuest,
  engineLimits,
  SHARED_INTERRUPTION,
} from '../../src/contract/compile-guest.ts'
import { CONTRACT_VERSION } from '../../src/contract/contract.generated.ts'
import { type CellPool, createCellPool } from '../../src/node/isolation/cell-pool.ts'
import type { CellKind, CellListener } from '../../src/node/isolation/guest-cell.ts'
import { createGuestRunner } from '../../src/node/isolation/guest-runner.ts'
import type { FromGuest, GuestCode } from '../../src/node/isolation/protocol.ts'
import { createWorkerCells } from '../../src/node/worker/worker-cell.ts'
import { buildGuest } from '../fixture/guest.ts'

const LIMITS = effectiveLimits({ cpuMs: 5000 })
const pools: CellPool[] = []
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close()
})

function openPool(kind: CellKind, idleMs = 30_000): CellPool {
  const pool = createCellPool(kind, { maxCells: 1, idleMs })
  pools.push(pool)
  return pool
}

function callIn(pool: CellPool, code: GuestCode, limits = LIMITS): Promise<RuntimeOutcome> {
  const call: RuntimeCall = {
    ...{ workspace: 'one', invocation: 'inv_1', caller: 'person', action: 'go', input: '{}' },
    ...{ locale: 'en', timeZone: 'UTC', config: {}, limits, remainingMs: 10_000 },
    calls: { call: async () => Promise.reject(new Error('no effects here')) },
    signal: new AbortController().signal,
    onLog: () => {},
    onDroppedLogLines: () => {},
    onProgress: () => {},
  }
  return pool.run(code, call)
}

async function codeOf(bytes: Uint8Array<ArrayBuffer>): Promise<GuestCode> {
  const limits = engineLimits(LIMITS)
  const { modules } = await compileGuest(bytes, undefined, limits, SHARED_INTERRUPTION)
  return { digest: await digestOf(bytes), bytes, modules, limits }
}

describe('an instance that is made ahead', () => {
  for (const [what, preparesWithinMs, times] of [
    ['is made when making the last one was quick', 60_000, 2],
    ['is not made when that took long', 0, 1],
  ] as const) {
    it(what, async () => {
      let made = 0
      // What a component is to the runner.
      const component = {
        imports: [],
        async instantiate() {
          made++
          const actions = `morphee:extension/actions@${CONTRACT_VERSION}`
          return { exports: { [actions]: { invoke: () => '1' } }, close() {}, retire() {} }
        },
      } as unknown as Component
      const said: FromGuest['kind'][] = []
      const runner = createGuestRunner(
        { suspends: false, send: ({ kind }) => said.push(kind), answer: () => Promise.reject() },
        { compile: async () => component, preparesWithinMs },
      )
      await runner.take({ kind: 'code', code: { digest: 'sha256:a' } } as never)
      await runner.take({ kind: 'invoke', digest: 'sha256:a', remainingMs: 1000 } as never)
      await runner.take({ kind: 'settle' })
      expect(said).toEqual(['done', 'ready'])
      expect(made).toBe(times)
    })
  }

  it('costs another extension in the same cell nothing', async () => {
    const first = await parseWat(
      '(module (func $s (local i32) (loop $l (br_if $l (i32.ne (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 900000000))))) (start $s))',
    )
    const slow = await codeOf(buildGuest({ kind: 'answer', text: '1' }, { first }))
    const quick = await codeOf(buildGuest({ kind: 'answer', text: '2' }))
    const pool = openPool(createWorkerCells())
    expect(await callIn(pool, slow)).toMatchObject({ answer: { output: '1' } })
    expect(await callIn(pool, quick, effectiveLimits({ cpuMs: 150 }))).toMatchObject({
      answer: { output: '2' },
    })
  })
})

describe('a cell that makes an instance ahead for ever', () => {
  const code = (digest: string): GuestCode => ({
    digest,
    bytes: new Uint8Array(),
    modules: undefined,
    limits: { maxMemoryBytes: 0, maxHandles: 0 },
  })

  /** Cells that answer every call, and what they do when they are to settle. */
  function openCells(onSettle: (listener: CellListener) => void): {
    readonly pool: CellPool
    readonly opened: () => number
  } {
    let opened = 0
    const pool = openPool({
      holds: false,
      open(listener) {
        opened++
        return {
          ready: Promise.resolve(),
          post(message) {
            if (message.kind === 'settle') onSettle(listener)
            if (message.kind !== 'invoke') return
            const { lease } = message
            queueMicrotask(() =>
              listener.onMessage({ kind: 'done', lease, output: `${opened}`, droppedLogLines: 0 }),
            )
          },
          ref: () => {},
          unref: () => {},
          kill: async () => {},
        }
      },
    })
    return { pool, opened: () => opened }
  }

  for (const [what, onSettle, cells] of [
    ['is ended before another extension is called', () => {}, 2],
    [
      'may end by itself, and no other extension is blamed for it',
      (listener: CellListener) =>
        listener.onDeath({ outOfMemory: true, cause: new Error('too much') }),
      2,
    ],
    [
      'is used again as soon as it is done',
      (listener: CellListener) => listener.onMessage({ kind: 'ready' }),
      1,
    ],
  ] as const) {
    it(what, async () => {
      const { pool, opened } = openCells(onSettle)
      expect(await callIn(pool, code('sha256:a'))).toMatchObject({ answer: { output: '1' } })
      expect(await callIn(pool, code('sha256:b'))).toMatchObject({
        answer: { output: `${cells}` },
      })
      expect(opened()).toBe(cells)
    })
  }

  it('is not asked between two calls of one extension', async () => {
    let asked = 0
    const { pool } = openCells(() => asked++)
    await callIn(pool, code('sha256:a'))
    await callIn(pool, code('sha256:a'))
    expect(asked).toBe(0)
  })

  it('is ended when it is left alone', async () => {
    const { pool } = openCells(() => {})
    await callIn(pool, code('sha256:a'))
    expect(pool.size).toBe(1)
    await expect.poll(() => pool.size, { timeout: 5000 }).toBe(0)
  })

  it('stays when it is left alone and answers', async () => {
    let asked = 0
    const { pool } = openCells((listener) => {
      asked++
      listener.onMessage({ kind: 'ready' })
    })
    await callIn(pool, code('sha256:a'))
    await expect.poll(() => asked, { timeout: 5000 }).toBe(1)
    expect(pool.size).toBe(1)
  })
})
