// The engine against jco on the project's own extensions, in turns in one process.
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildExtension } from '@morphee/authoring'
import { Component } from '@morphee/component'
import { ACTIONS, extensionHost } from './engines/extension-host.ts'
import { transpile } from './engines/jco.ts'
import { inTurns, printRows, quick, type Row, rowsOf, type Work } from './measure.ts'

const rows: Row[] = []
const imports = extensionHost()

interface Actions {
  invoke(action: string, input: string): string
}

const INPUTS: Readonly<Record<string, readonly [action: string, input: string]>> = {
  'word-count': ['count', '{"text":"how many words are these"}'],
  // Refused by its own check of the input, before it would ask its host for anything.
  jira: ['get-issue', '{}'],
}

for (const name of ['word-count', 'jira']) {
  const file = `extensions/${name}/build/${name}.wasm`
  if (!existsSync(file)) await buildExtension(`extensions/${name}`)
  const folder = await mkdtemp(join(tmpdir(), 'bench-peers-'))
  try {
    const bytes = new Uint8Array(await readFile(file))
    const component = await Component.compile(bytes)
    const peer = await transpile(bytes, folder)
    const [action, input] = INPUTS[name] as readonly [string, string]
    const answer = (exports: Record<string, unknown>): unknown => {
      const actions = (exports[ACTIONS] ?? exports['actions']) as Actions
      try {
        return actions.invoke(action, input)
      } catch (error) {
        return error
      }
    }
    const ours = async (): Promise<Record<string, unknown>> =>
      (await component.instantiate(imports)).exports as unknown as Record<string, unknown>
    const rounds = quick ? 3 : 15

    const times = name === 'jira' ? 10 : 50
    await add(`${name}: instantiate`, rounds, times, [ours, () => peer.instantiate(imports)])

    const [here, there] = [await ours(), await peer.instantiate(imports)]
    await add(`${name}: call`, rounds, name === 'jira' ? 50 : 500, [
      () => answer(here),
      () => answer(there),
    ])

    await add(`${name}: from the file to the first answer`, rounds, 1, [
      async () => {
        const fresh = await Component.compile(new Uint8Array(await readFile(file)))
        return answer((await fresh.instantiate(imports)).exports as never)
      },
      async () => answer(await peer.start(imports)),
    ])
  } finally {
    await rm(folder, { recursive: true })
  }
}
printRows(rows)

async function add(
  what: string,
  rounds: number,
  times: number,
  works: readonly Work[],
): Promise<void> {
  const [ours = Number.NaN, jco] = await inTurns(
    rounds,
    quick ? Math.ceil(times / 10) : times,
    works,
  )
  rows.push(...rowsOf(what, ours, [{ against: 'jco', micros: jco, goal: '< 1' }]))
}
