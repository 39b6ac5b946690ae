/** What a call costs above the bare machinery: a call in a worker against a MessagePort ping-pong. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { buildExtension } from '@morphee/authoring'
import { createDevelopmentHost } from '@morphee/host/node'
import { median, plainRow, printRows, quick, type Row, rowsOf } from './measure.ts'

const rows: Row[] = []

async function times(count: number, work: () => Promise<unknown> | unknown): Promise<number> {
  const micros: number[] = []
  for (let i = 0; i < count; i++) {
    const started = performance.now()
    await work()
    micros.push((performance.now() - started) * 1000)
  }
  return median(micros)
}

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
      plainRow('first call of an installed extension, compiled and all', cold, '≤ 3 ms for 100 KB'),
      ...rowsOf('call of an extension: checked, recorded, a fresh instance in a worker', whole, [
        { against: 'MessagePort ping-pong', micros: bare },
      ]),
    )
  } finally {
    await ping.terminate()
    await host.close()
    await rm(home, { recursive: true })
  }
}

await benchWorkerCall()
printRows(rows)
