// A cell that a guest has taken over does not get to compute for nothing while a person is waited for.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createCodec } from '@morphee/component'
import type { RuntimeOutcome } from '@morphee/host'
import { effectiveLimits } from '@morphee/manifest'
import { describe, expect, it } from 'vitest'
import { CONTRACT } from '../../src/contract/contract.generated.ts'
import { PersonWaits } from '../../src/invocation/person-waits.ts'
import { createCellPool } from '../../src/node/isolation/cell-pool.ts'
import type { CellKind, GuestCell } from '../../src/node/isolation/guest-cell.ts'
import { createProcessCells, type ProcessCell } from '../../src/node/process/process-cell.ts'
import { watchProcessorTime } from '../../src/node/worker/processor-time.ts'
import { createWorkerCells } from '../../src/node/worker/worker-cell.ts'
import { ACT, buildActingGuest } from './acting-guest.ts'
import { storageCalls } from './housed.ts'

/** Opens a cell and has a guest compute in it without end. */
async function openComputing<Cell extends GuestCell>(cells: {
  open(listener: Parameters<CellKind['open']>[0]): Cell
}): Promise<Cell> {
  const cell = cells.open({ onMessage: () => {}, onDeath: () => {} })
  await cell.ready
  const code = {
    digest: 'sha256:0',
    bytes: await buildActingGuest(),
    modules: undefined,
    limits: { maxMemoryBytes: 8 * 1024 * 1024, maxHandles: 10 },
  }
  cell.post({ kind: 'code', code }, 60_000)
  cell.post(
    {
      kind: 'invoke',
      lease: 1,
      digest: code.digest,
      ...{ invocation: 'inv_1', caller: 'person', locale: 'en', timeZone: 'UTC' },
      ...{ action: ACT.hang, input: '', config: [] },
      ...{ remainingMs: 60_000, outputBytes: 1, logLines: 1, logLineBytes: 1 },
    },
    60_000,
  )
  return cell
}

/** Where the processor of a child process is at: its state, and the ticks that it has had. */
function processorOf({ pid }: Pick<ProcessCell, 'pid'>): {
  readonly state: string
  readonly ticks: number
} {
  const [state = '', ...numbers] = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return { state, ticks: Number(numbers[10]) + Number(numbers[11]) }
}

describe('a worker that is held', () => {
  it('tells of what it computes', async () => {
    const cell = await openComputing(createWorkerCells())
    let heard = 0
    const letGo = cell.hold?.((ms) => (heard += ms))
    await expect.poll(() => heard, { timeout: 10_000 }).toBeGreaterThan(300)
    letGo?.()
    await cell.kill()
  })

  it('tells of nothing while it sleeps', async () => {
    const cell = createWorkerCells().open({ onMessage: () => {}, onDeath: () => {} })
    await cell.ready
    let heard = 0
    const letGo = cell.hold?.((ms) => (heard += ms))
    await new Promise((resolve) => setTimeout(resolve, 700))
    letGo?.()
    expect(heard).toBeLessThan(50)
    await cell.kill()
  })

  it('counts as computing when it does not answer, and once only when it does later', async () => {
    const heard: number[] = []
    const answers: ((time: { user: number; system: number }) => void)[] = []
    const letGo = watchProcessorTime(
      () => new Promise((resolve) => answers.push(resolve)),
      (ms) => heard.push(ms),
    )
    answers.shift()?.({ user: 1000, system: 0 })
    await expect.poll(() => heard, { timeout: 5000 }).toEqual([500, 500])
    answers.shift()?.({ user: 1_101_500, system: 0 })
    await expect.poll(() => heard).toEqual([500, 500, 100])
    letGo()
  })
})

describe.runIf(process.platform === 'linux')('a child process that is held', () => {
  it('stands still until it is let go, and can be ended', async () => {
    const cell = await openComputing(createProcessCells())
    const before = processorOf(cell).ticks
    await expect.poll(() => processorOf(cell).ticks, { timeout: 10_000 }).toBeGreaterThan(before)
    const letGo = cell.hold?.(() => {})
    await expect.poll(() => processorOf(cell).state).toBe('T')
    const held = processorOf(cell)
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(processorOf(cell)).toEqual(held)
    letGo?.()
    await expect
      .poll(() => processorOf(cell).ticks, { timeout: 10_000 })
      .toBeGreaterThan(held.ticks)
    cell.hold?.(() => {})
    await cell.kill()
    expect(() => process.kill(cell.pid as number, 0)).toThrow('ESRCH')
  })

  it('ends with its host', async () => {
    const script = join(import.meta.dirname, 'exits-while-held.ts')
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--conditions=@morphee/source',
      script,
    ])
    const state = (): string => {
      try {
        return processorOf({ pid: Number(stdout) }).state
      } catch {
        return 'gone'
      }
    }
    expect(Number(stdout)).toBeGreaterThan(1)
    // Whoever inherits it may be slow to bury it.
    await expect.poll(state).toMatch(/^(gone|Z)$/)
  })
})

/** Runs a call in a cell that asks for one effect, about which a person is asked and never answers. */
function waitIn(
  cell: Pick<GuestCell, 'hold'>,
  holds: boolean,
): { readonly running: Promise<RuntimeOutcome>; readonly began: boolean[] } {
  const waits = new PersonWaits(() => performance.now())
  const began: boolean[] = []
  const question = createCodec(CONTRACT['storage#get'].params).encode(['k'])
  const pool = createCellPool(
    {
      holds,
      open: (listener) => ({
        ready: Promise.resolve(),
        post(message) {
          if (message.kind !== 'invoke') return
          const { lease } = message
          listener.onMessage({ kind: 'ask', lease, ask: 1, name: 'storage#get', bytes: question })
        },
        ref: () => {},
        unref: () => {},
        kill: async () => {},
        ...cell,
      }),
    },
    { maxCells: 2, idleMs: 30_000 },
  )
  const limits = effectiveLimits({ cpuMs: 100, wallMs: 300 })
  const code = {
    digest: 'sha256:0',
    bytes: new Uint8Array(),
    modules: undefined,
    limits: { maxMemoryBytes: 0, maxHandles: 0 },
  }
  const running = pool.run(code, {
    ...{ workspace: 'one', invocation: 'inv_1', caller: 'person', action: 'go', input: '' },
    ...{ locale: 'en', timeZone: 'UTC', config: {}, limits, remainingMs: 300, waits },
    calls: storageCalls(() => {
      began.push(waits.tryBegin() !== undefined)
      return new Promise(() => {})
    }),
    signal: new AbortController().signal,
    onLog: () => {},
    onDroppedLogLines: () => {},
    onProgress: () => {},
  })
  return { running, began }
}

describe('a call that waits for a person', () => {
  it('is ended when its cell computes for longer than it may, and then not held any more', async () => {
    const told: string[] = []
    const { running, began } = waitIn(
      {
        hold(onComputed) {
          told.push('held')
          setTimeout(() => onComputed(60), 350)
          setTimeout(() => onComputed(60), 400)
          return () => told.push('let go')
        },
      },
      true,
    )
    await expect(running).rejects.toMatchObject({ details: { limit: 'cpu-time', value: 100 } })
    expect(began).toEqual([true])
    expect(told).toEqual(['held', 'let go'])
  })

  it('goes on being timed where its cell cannot be held', async () => {
    const { running, began } = waitIn({}, false)
    await expect(running).rejects.toMatchObject({ details: { limit: 'wall-time' } })
    expect(began).toEqual([false])
  })
})
