/**
 * What a call costs at each isolation level, against a bare ping-pong of the same bytes: to a worker over a MessagePort, to a process over a pipe.
 *
 * A call makes an instance, which a ping-pong does not: beside the whole call are what its instance alone costs, and a ping of the cell, which runs nothing.
 */
import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { Component, InterruptionFlag, MemoryPool } from '@morphee/component'
import { digestOf } from '@morphee/core'
import { effectiveLimits, type IsolationLevel } from '@morphee/manifest'
import { engineLimits, SHARED_INTERRUPTION } from '../packages/host/src/contract/compile-guest.ts'
import type { CellKind } from '../packages/host/src/node/isolation/guest-cell.ts'
import { createHousing } from '../packages/host/src/node/isolation/housing.ts'
import { createProcessCells } from '../packages/host/src/node/process/process-cell.ts'
import { createThreadCells } from '../packages/host/src/node/thread/thread-cell.ts'
import { createWorkerCells } from '../packages/host/src/node/worker/worker-cell.ts'
import { buildGuest } from '../packages/host/test/fixture/guest.ts'
import { plainRow, printRows, quick, type Row, rowsOf } from './measure.ts'

const rows: Row[] = []

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

const INPUT = '{"text":"a b c"}'

interface Bounce {
  bounce(): Promise<unknown>
  close(): unknown
}

/** A worker that sends back what it gets. */
function openPort(): Bounce {
  const echo =
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (m) => parentPort.postMessage(m))"
  const worker = new Worker(echo, { eval: true })
  return {
    bounce: () =>
      new Promise((resolve) => {
        worker.once('message', resolve)
        worker.postMessage(INPUT)
      }),
    close: () => worker.terminate(),
  }
}

/** A process that sends back what it gets. */
function openPipe(): Bounce {
  const echo =
    "const pipe = new (require('node:net').Socket)({ fd: 3 }); pipe.on('data', (m) => pipe.write(m))"
  const child = spawn(process.execPath, ['--eval', echo], {
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const pipe = child.stdio[3] as Duplex
  return {
    bounce: () =>
      new Promise((resolve) => {
        pipe.once('data', resolve)
        pipe.write(INPUT)
      }),
    close: () => child.kill(),
  }
}

/** A cell that says whether it has nothing else to do. */
async function openCell(cells: CellKind): Promise<Bounce> {
  let heard: (() => void) | undefined
  const cell = cells.open({ onMessage: () => heard?.(), onDeath: () => {} })
  await cell.ready
  return {
    bounce: () =>
      new Promise<void>((resolve) => {
        heard = resolve
        cell.post({ kind: 'settle' }, 1000)
      }),
    async close() {
      await cell.kill()
      await cells.close?.()
    },
  }
}

/** Medians in microseconds of things done in turn, so that all see the same machine. */
async function inTurn(
  count: number,
  pauseMs: number | undefined,
  works: readonly (() => Promise<unknown>)[],
): Promise<number[]> {
  const micros = works.map((): number[] => [])
  for (let i = -count / 5; i < count; i++)
    for (const [index, work] of works.entries()) {
      if (pauseMs !== undefined) await new Promise((resolve) => setTimeout(resolve, pauseMs))
      const started = performance.now()
      await work()
      if (i >= 0) micros[index]?.push((performance.now() - started) * 1000)
    }
  return micros.map(median)
}

const LEVELS: readonly [
  IsolationLevel,
  cells: () => CellKind,
  open: () => Bounce,
  against: string,
][] = [
  ['thread', createThreadCells, openPort, 'MessagePort ping-pong'],
  ['worker', createWorkerCells, openPort, 'MessagePort ping-pong'],
  ['process', createProcessCells, openPipe, 'ping-pong over a pipe'],
]

async function benchLevels(): Promise<void> {
  const limits = effectiveLimits({})
  const bytes = buildGuest({ kind: 'answer', text: INPUT })
  const component = await Component.compile(bytes, {
    limits: engineLimits(limits),
    interruption: SHARED_INTERRUPTION,
  })
  const code = {
    digest: await digestOf(bytes),
    bytes,
    modules: component.modules,
    limits: engineLimits(limits),
  }
  const call = {
    ...{
      workspace: 'bench',
      invocation: 'inv_bench',
      caller: 'person',
      action: 'go',
      input: INPUT,
    },
    ...{ locale: 'en', timeZone: 'UTC', config: {}, limits, remainingMs: limits.wallMs },
    calls: { call: () => Promise.reject(new Error('no effects here')) },
    signal: new AbortController().signal,
    onLog: () => {},
    onDroppedLogLines: () => {},
    onProgress: () => {},
  }
  const options = { memories: new MemoryPool(), interruption: new InterruptionFlag() }
  const instantiate = async (): Promise<void> => (await component.instantiate({}, options)).retire()
  const housing = createHousing()
  const count = quick ? 30 : 3000
  try {
    for (const [level, cells, open, against] of LEVELS) {
      const bare = open()
      const cell = await openCell(cells())
      const works = [() => housing.run(level, code, call), cell.bounce, instantiate, bare.bounce]
      const modes = [
        ['one after the other', await inTurn(count, undefined, works)],
        ['a millisecond apart', await inTurn(count / 10, 1, works)],
      ] as const
      bare.close()
      await cell.close()
      for (const [mode, [whole = 0, cellPing = 0, instance = 0, micros = 0]] of modes) {
        const other = { against, micros }
        rows.push(
          ...rowsOf(`call in a ${level}, ${mode}`, whole, [{ ...other, goal: '≤ 1.3' }]),
          ...rowsOf(`ping of a ${level}'s cell, ${mode}`, cellPing, [other]),
          plainRow(`a fresh instance of the same guest, ${mode}`, instance),
        )
      }
    }
  } finally {
    await housing.close()
  }
}

await benchLevels()
printRows(rows)
