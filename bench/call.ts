/** What a call costs above the bare machinery: a call in a worker against a MessagePort ping-pong. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { buildExtension } from '@morphee/authoring'
import { createDevelopmentHost } from '@morphee/host/node'

const quick = process.argv.includes('--quick')
const rows: { measured: string; micros: number; against: string; ratio: number | string }[] = []

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function times(count: number, work: () => Promise<unknown> | unknown): Promise<number> {
  const micros: number[] = []
  for (let i = 0; i < count; i++) {
    const started = performance.now()
    await work()
    micros.push((performance.now() - started) * 1000)
  }
  return median(micros)
}

const round = (value: number): number => Math.round(value * 100) / 100

async function benchWorkerCall(): Promise<void> {
  const file = 'extensions/word-count/build/word-count.wasm'
  const bytes = existsSync(file)
    ? await readFile(file)
    : (await buildExtension('extensions/word-count')).bytes
  const home = await mkdtemp(join(tmpdir(), 'bench-call-'))
  const host = await createDevelopmentHost({ home })
  const ping = new Worker(
    "require('node:worker_threads').parentPort.on('message', (m) => require('node:worker_threads').parentPort.postMessage(m))",
    { eval: true },
  )
  try {
    const candidate = await host.admitUnsigned(bytes)
    const { authorityDigest } = await host.propose('personal', candidate, {})
    const common = { workspace: 'personal', principal: { kind: 'person', id: 'bench' } } as const
    await host.install({
      ...common,
      candidate,
      config: {},
      consent: { authorityDigest, grant: { entries: [] }, surface: 'bench' },
    })
    const call = (): Promise<unknown> =>
      host.invoke({
        ...common,
        extension: 'acme/word-count',
        action: 'count',
        input: { text: 'a b c' },
      })
    const cold = await times(1, call)
    const bounce = (): Promise<unknown> =>
      new Promise((resolve) => {
        ping.once('message', resolve)
        ping.postMessage({ text: 'a b c' })
      })
    const count = quick ? 50 : 1000
    await times(count / 5, call)
    await times(count / 5, bounce)
    const [whole, bare] = [await times(count, call), await times(count, bounce)]
    rows.push(
      {
        measured: 'first call of an installed extension',
        micros: round(cold),
        against: '–',
        ratio: '–',
      },
      {
        measured: 'call in a worker: checked, recorded, a fresh instance',
        micros: round(whole),
        against: `MessagePort ping-pong, ${round(bare)} µs`,
        ratio: round(whole / bare),
      },
    )
  } finally {
    await ping.terminate()
    await host.close()
    await rm(home, { recursive: true })
  }
}

await benchWorkerCall()
if (process.argv.includes('--json'))
  console.log(JSON.stringify({ passed: rows.length, failed: 0, unsupported: 0, skipped: 0, rows }))
else console.table(rows)
