// An echo guest written with every SDK there is: this engine, V8 with hand-written glue where the guest is one core, and jco.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildExtension, newExtension, type NewExtensionOptions } from '@morphee/authoring'
import { Component } from '@morphee/component'
import { inTurns, printRows, quick, type Row, rowsOf, type Work } from './measure.ts'
import { ACTIONS, extensionHost } from './engines/extension-host.ts'
import { transpile } from './engines/jco.ts'

interface Actions {
  invoke(action: string, input: string): string
}

const MANIFEST = `manifest: 1
name: acme/echo
version: 1.0.0
title: Echo
description: Gives back the text it gets
license: Apache-2.0
permissions: []
actions:
  echo:
    title: Echo
    description: Gives back the text it gets
    effect: read
    input: { type: object, required: [text], additionalProperties: false, properties: { text: { type: string } } }
    output: { type: object, required: [text], additionalProperties: false, properties: { text: { type: string } } }
`

interface Sdk {
  readonly language: NewExtensionOptions['language']
  readonly file: string
  readonly source: string
  /** Whether the guest is one core, to which glue can be written by hand. */
  readonly isOneCore: boolean
}

const SDKS: readonly Sdk[] = [
  {
    language: 'assemblyscript',
    file: 'assembly/index.ts',
    isOneCore: true,
    source: `
@json
class Echo {
  text: string = "";
}

@action
export function echo(input: Echo): Echo {
  return input;
}
`,
  },
  {
    language: 'typescript',
    file: 'src/main.ts',
    // QuickJS, a library of the toolchain and stand-ins for WASI: eight cores, which no hand links.
    isOneCore: false,
    source: `
import { defineExtension } from '@morphee/sdk'

export const extension = defineExtension({
  actions: { echo: (input: { text: string }) => input },
})
`,
  },
]

const rows: Row[] = []
const rounds = quick ? 3 : 15
const folder = await mkdtemp(join(tmpdir(), 'bench-echo-'))
try {
  for (const sdk of SDKS) await measure(sdk, join(folder, sdk.language))
} finally {
  await rm(folder, { recursive: true })
}
printRows(rows)

async function measure({ language, file, source, isOneCore }: Sdk, dir: string): Promise<void> {
  await newExtension({ dir, name: 'acme/echo', language })
  await writeFile(join(dir, 'extension.yaml'), MANIFEST)
  await writeFile(join(dir, file), source)
  const artifact = join(dir, 'build/echo.wasm')
  await buildExtension(dir)
  const bytes = new Uint8Array(await readFile(artifact))
  const component = await Component.compile(bytes)
  const peer = await transpile(bytes, join(dir, 'jco'))
  const imports = extensionHost()
  const ours = async (): Promise<Actions> =>
    (await component.instantiate(imports)).exports[ACTIONS] as unknown as Actions
  const actionsOf = (exports: Record<string, unknown>): Actions => exports[ACTIONS] as Actions
  const bare = isOneCore ? () => openBare(component) : undefined
  const theirs = async (): Promise<Actions> => actionsOf(await peer.instantiate(imports))

  const times = language === 'typescript' ? 10 : 50
  await compare(`${language} echo: instantiate`, times, [ours, bare, theirs], '≤ 2')

  const guests = [await ours(), bare?.(), await theirs()]
  for (const [what, length] of [
    ['7 B', 7],
    ['1 KB', 1024],
  ] as const) {
    const input = JSON.stringify({ text: 'x'.repeat(length) })
    for (const guest of guests)
      if (guest !== undefined && guest.invoke('echo', input) !== input)
        throw new Error(`${language}: another answer than the question`)
    const calls = language === 'typescript' ? 50 : 500
    await compare(
      `${language} echo: call, ${what}`,
      calls,
      guests.map((guest) => guest && (() => guest.invoke('echo', input))),
      '≤ 2',
    )
  }

  const input = JSON.stringify({ text: 'hello' })
  await compare(`${language} echo: from the file to the first answer`, 1, [
    async () => {
      const fresh = await Component.compile(new Uint8Array(await readFile(artifact)))
      return actionsOf((await fresh.instantiate(imports)).exports as never).invoke('echo', input)
    },
    undefined,
    async () => actionsOf(await peer.start(imports)).invoke('echo', input),
  ])
}

/** Adds rows for ours against bare V8, whose goal is `goal`, and jco, which is to be behind. */
async function compare(
  what: string,
  times: number,
  works: readonly (Work | undefined)[],
  goal = '',
): Promise<void> {
  const count = quick ? Math.ceil(times / 10) : times
  const [ours = Number.NaN, bare, jco] = await inTurns(rounds, count, works)
  rows.push(
    ...rowsOf(what, ours, [
      { against: 'bare', micros: bare, goal },
      { against: 'jco', micros: jco, goal: '< 1' },
    ]),
  )
}

/** The guest's own core, linked and called by hand as somebody would who knows just this one function. */
function openBare({ modules }: Component): Actions {
  const decoder = new TextDecoder('utf-16le', { fatal: true, ignoreBOM: true })
  const [main] = modules as [WebAssembly.Module]
  const guest = new WebAssembly.Instance(main, {
    'morphee:extension/log@0.9.0': { write: () => undefined },
  }).exports as Record<string, unknown>
  ;(guest['_initialize'] as () => void)()
  const memory = guest['memory'] as WebAssembly.Memory
  const realloc = guest['cabi_realloc'] as (...args: number[]) => number
  const invoke = guest[`${ACTIONS}#invoke`] as (...args: number[]) => number
  const done = guest[`cabi_post_${ACTIONS}#invoke`] as (result: number) => void
  // AssemblyScript's texts are UTF-16.
  const put = (text: string): number => {
    const at = realloc(0, 0, 2, text.length * 2)
    const units = new Uint16Array(memory.buffer, at, text.length)
    for (let i = 0; i < text.length; i++) units[i] = text.charCodeAt(i)
    return at
  }
  return {
    invoke(action, input) {
      const result = invoke(put(action), action.length, put(input), input.length)
      const view = new DataView(memory.buffer)
      if (view.getUint8(result) !== 0) throw new Error('the action failed')
      const at = view.getUint32(result + 4, true)
      const text = decoder.decode(
        new Uint8Array(memory.buffer, at, view.getUint32(result + 8, true) * 2),
      )
      done(result)
      return text
    },
  }
}
