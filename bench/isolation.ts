/** What a call costs at each isolation level, against a bare ping-pong of the same bytes: to a worker over a MessagePort, to a process over a pipe. */
import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { Component } from '@morphee/component'
import { digestOf } from '@morphee/core'
import { effectiveLimits, type IsolationLevel } from '@morphee/manifest'
import { engineLimits } from '../packages/host/src/contract/compile-guest.ts'
import { createHousing } from '../packages/host/src/node/isolation/housing.ts'
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

/** Medians in microseconds of things done in turn, so that all see the same machine. */
async function inTurn(
  count: number,
  pauseMs: number | undefined,
  ...works: readonly (() => Promise<unknown>)[]
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

const LEVELS: readonly [IsolationLevel, open: () => Bounce, against: string][] = [
  ['thread', openPort, 'MessagePort ping-pong'],
  ['worker', openPort, 'MessagePort ping-pong'],
  ['process', openPipe, 'ping-pong over a pipe'],
]

async function benchLevels(): Promise<void> {
  const limits = effectiveLimits({})
  const bytes = buildGuest({ kind: 'answer', text: INPUT })
  const component = await Component.compile(bytes, { limits: engineLimits(limits) })
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
  const instantiate = (): Promise<unknown> => component.instantiate({})
  const housing = createHousing()
  const count = quick ? 30 : 1500
  try {
    for (const [level, open, against] of LEVELS) {
      const bare = open()
      const run = (): Promise<unknown> => housing.run(level, code, call)
      const [whole = 0, ping = 0] = await inTurn(count, undefined, run, bare.bounce)
      const [spaced = 0, spacedPing = 0] = await inTurn(count / 5, 1, run, bare.bounce)
      bare.close()
      const goal = '≤ 1.3'
      rows.push(
        ...rowsOf(`call in a ${level}, one after the other`, whole, [
          { against, micros: ping, goal },
        ]),
        ...rowsOf(`call in a ${level}, a millisecond apart`, spaced, [
          { against, micros: spacedPing, goal },
        ]),
      )
    }
    const [instance = 0] = await inTurn(count, undefined, instantiate)
    rows.push(plainRow('of it: a fresh instance of the same guest', instance))
  } finally {
    await housing.close()
  }
}

await benchLevels()
printRows(rows)
