// Ten thousand instances of a guest with one page, all alive at once: what each costs in time and memory, beside the same cores alone.
import { spawnSync } from 'node:child_process'
import { Component } from '@morphee/component'
import { openCores } from './engines/engines.ts'
import { buildComponent } from './engines/guest.ts'
import { printRows, quick, roundOff, rowsOf } from './measure.ts'

interface Measured {
  readonly micros: number
  /** Resident memory, and what V8 has on its heap, per instance. */
  readonly residentKiB: number
  readonly heapKiB: number
}

const count = quick ? 500 : 10_000
const role = process.argv.find((word) => word.startsWith('--role='))?.slice('--role='.length)
if (role === undefined) {
  // Each in a process of its own: what one leaves behind must not count for the other.
  const [engine, bare] = [measureApart('engine'), measureApart('bare')]
  const beside = engine.residentKiB - bare.residentKiB
  printRows([
    ...rowsOf(`${count} instances of one page, each`, engine.micros, [
      { against: 'the same cores alone', micros: bare.micros },
    ]),
    {
      what: `memory of each of ${count} instances`,
      ours: `${engine.residentKiB} KiB`,
      against: 'the same cores alone',
      theirs: `${bare.residentKiB} KiB`,
      ratio: roundOff(engine.residentKiB / bare.residentKiB),
      goal: `≤ 15 KiB beside linear memory; here ${roundOff(beside)} more than the cores`,
    },
  ])
} else {
  console.log(JSON.stringify(await measure(role === 'engine')))
}

async function measure(engine: boolean): Promise<Measured> {
  const bytes = await buildComponent(1)
  const component = await Component.compile(bytes)
  const cores = await openCores(bytes)
  const make = engine
    ? () => component.instantiate({ note: (text: string) => text.length } as never)
    : cores
  for (let i = 0; i < 50; i++) await make()
  const gc = (globalThis as { gc?: () => void }).gc
  gc?.()
  const before = process.memoryUsage()
  const alive: unknown[] = []
  const started = performance.now()
  for (let i = 0; i < count; i++) alive.push(await make())
  const micros = ((performance.now() - started) * 1000) / count
  gc?.()
  const after = process.memoryUsage()
  if (alive.length !== count) throw new Error('not all are alive')
  const each = (from: number, to: number): number => roundOff((to - from) / count / 1024)
  return {
    micros: roundOff(micros),
    residentKiB: each(before.rss, after.rss),
    heapKiB: each(before.heapUsed, after.heapUsed),
  }
}

function measureApart(as: string): Measured {
  const words = [...process.execArgv, import.meta.filename, `--role=${as}`]
  const run = spawnSync(process.execPath, quick ? [...words, '--quick'] : words, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (run.status !== 0) throw new Error(`measuring ${as} failed`)
  return JSON.parse(run.stdout) as Measured
}
