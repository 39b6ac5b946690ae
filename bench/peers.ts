/** The engine against jco on the project's own extensions: instantiate from compiled cores, and call; pairs measured in turn in one process. */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { transpileBytes } from '@bytecodealliance/jco-transpile'
import { buildExtension } from '@morphee/authoring'
import { Component } from '@morphee/component'

const quick = process.argv.includes('--quick')
const rows: Record<string, string | number>[] = []

type HostInterface = Record<string, (...args: never[]) => unknown>
interface Actions {
  invoke(action: string, input: string): string
}

// What an extension asks for while it starts and answers; both engines get the same functions.
const imports: Record<string, HostInterface> = {
  log: { write: () => {} },
  clock: { now: () => 0n, monotonic: () => 0n },
  random: { bytes: (count: number) => new Uint8Array(count) },
  config: { get: () => undefined },
  invocation: {
    id: () => 'inv',
    caller: () => 'person',
    locale: () => 'en',
    timeZone: () => 'UTC',
    remainingMs: () => 1000n,
    progress: () => {},
  },
  http: { read: () => ({}), readAll: () => [], write: () => ({}) },
}
const named = (version: string): Record<string, HostInterface> =>
  Object.fromEntries(
    Object.entries(imports).map(([name, value]) => [`morphee:extension/${name}${version}`, value]),
  )

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** Medians in microseconds of two pieces of work, measured in turn so that both see the same weather. */
async function inTurn(
  count: number,
  ours: () => unknown,
  theirs: () => unknown,
): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []]
  for (let i = 0; i < count; i++) {
    for (const [index, work] of [ours, theirs].entries()) {
      const started = performance.now()
      await work()
      times[index as 0 | 1].push((performance.now() - started) * 1000)
    }
  }
  return [median(times[0]), median(times[1])]
}

async function transpiled(bytes: Uint8Array, dir: string): Promise<() => Promise<Actions>> {
  const { files } = await transpileBytes(bytes, {
    name: 'peer',
    instantiation: 'async',
  })
  const entries = Array.isArray(files) ? files : Object.entries(files)
  const cores = new Map<string, WebAssembly.Module>()
  for (const [name, content] of entries as [string, Uint8Array<ArrayBuffer>][]) {
    await mkdir(dirname(join(dir, name)), { recursive: true })
    await writeFile(join(dir, name), content)
    if (name.endsWith('.wasm')) cores.set(name, await WebAssembly.compile(content))
  }
  await writeFile(join(dir, 'package.json'), '{"type":"module"}')
  const module = (await import(pathToFileURL(join(dir, 'peer.js')).href)) as {
    instantiate(
      core: (path: string) => Promise<WebAssembly.Module>,
      imports: object,
    ): Promise<Record<string, Actions>>
  }
  return async () => {
    const exports = await module.instantiate(
      async (path) => cores.get(path) as WebAssembly.Module,
      named(''),
    )
    return (exports['morphee:extension/actions@0.9.0'] ?? exports['actions']) as Actions
  }
}

for (const name of ['word-count', 'jira']) {
  const file = `extensions/${name}/build/${name}.wasm`
  const bytes = existsSync(file)
    ? new Uint8Array(await readFile(file))
    : (await buildExtension(`extensions/${name}`)).bytes
  const dir = await mkdtemp(join(tmpdir(), 'bench-peers-'))
  try {
    const component = await Component.compile(bytes)
    const ours = async (): Promise<Actions> => {
      const instance = await component.instantiate(named(''))
      return instance.exports['morphee:extension/actions@0.9.0'] as unknown as Actions
    }
    const theirs = await transpiled(bytes, dir)
    const count = quick ? 10 : name === 'jira' ? 100 : 500
    await inTurn(5, ours, theirs)
    const [here, there] = await inTurn(count, ours, theirs)
    rows.push({
      extension: name,
      measured: 'instantiate',
      micros: Math.round(here),
      jcoMicros: Math.round(there),
      jcoOverOurs: Math.round((there / here) * 10) / 10,
    })
    if (name !== 'word-count') continue
    const [a, b] = [await ours(), await theirs()]
    const call = (actions: Actions) => () =>
      actions.invoke('count', '{"text":"how many words are these"}')
    await inTurn(200, call(a), call(b))
    const [mine, peer] = await inTurn(quick ? 200 : 5000, call(a), call(b))
    rows.push({
      extension: name,
      measured: 'call',
      micros: Math.round(mine * 10) / 10,
      jcoMicros: Math.round(peer * 10) / 10,
      jcoOverOurs: Math.round((peer / mine) * 10) / 10,
    })
  } finally {
    await rm(dir, { recursive: true })
  }
}
if (process.argv.includes('--json'))
  console.log(JSON.stringify({ passed: rows.length, failed: 0, unsupported: 0, skipped: 0, rows }))
else console.table(rows)
