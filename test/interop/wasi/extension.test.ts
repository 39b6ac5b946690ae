// An extension whose toolchain knows nothing of the contract's clock and log, and takes WASI's: under the same host, at every level.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { embedArtifact, ISOLATION_LEVELS } from '@morphee/manifest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manifestOf } from '../../../packages/host/test/fixture/guest.ts'
import { createTestHost } from '../../../packages/host/test/fixture/test-host.ts'

import { adapt } from './adapter.ts'
import { compileRust, WITHOUT_RUST } from './rust/toolchain.ts'

const SOURCE = `export const actions = {
  invoke(action, input) {
    if (action === 'fail') throw new Error('as it should')
    return JSON.stringify({ now: Date.now() })
  },
}
`
const WORLD = `package interop:extension;
world extension {
  export morphee:extension/actions@0.9.0;
}
`
const root = resolve(import.meta.dirname, '../../..')
const requireOfAuthoring = createRequire(join(root, 'packages/authoring/package.json'))

let folder: string
let extension: Uint8Array
let rustExtension: Uint8Array | undefined
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'morphee-wasi-extension-'))
  await mkdir(join(folder, 'deps'))
  await writeFile(join(folder, 'world.wit'), WORLD)
  await cp(join(root, 'spec/wit'), join(folder, 'deps/extension'), { recursive: true })
  const { componentize } = (await import(
    pathToFileURL(requireOfAuthoring.resolve('componentize-qjs')).href
  )) as { componentize(options: object): Promise<{ component: Uint8Array }> }
  const { component } = await componentize({
    witPath: folder,
    world: 'extension',
    jsSource: SOURCE,
    sync: true,
    stubWasi: false,
  })
  const action = { title: 'Go', effect: 'read', input: { type: 'object' }, output: {} }
  const manifest = manifestOf({ name: 'acme/wasi', actions: { go: action, fail: action } })
  extension = embedArtifact(Uint8Array.from(component), manifest)
  if (WITHOUT_RUST === undefined) rustExtension = await buildRustExtension()
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

async function buildRustExtension(): Promise<Uint8Array> {
  const core = join(folder, 'rust.wasm')
  compileRust('extension.rs', core, '--crate-type', 'cdylib')
  const contract = await readFile(join(root, 'spec/wit/extension.wit'), 'utf8')
  const world = { witSource: `${contract}\nworld rust {\n  export actions;\n}`, world: 'rust' }
  const component = await adapt(await readFile(core), 'reactor', folder, world)
  const uses = ['storage:read', 'storage:write']
  const go = { title: 'Go', effect: 'write', uses, input: { type: 'object' }, output: {} }
  const manifest = manifestOf({
    name: 'acme/rust',
    permissions: uses,
    actions: { go, fail: go, exit: go },
  })
  return embedArtifact(Uint8Array.from(component), manifest)
}

describe.each(ISOLATION_LEVELS)('at the level %s', (isolation) => {
  it('a WASI extension has a clock that goes, and its standard error is in the log', async () => {
    const host = await createTestHost({ policy: { isolation } })
    try {
      await host.install(extension)
      const times: number[] = []
      for (let i = 0; i < 3; i++) {
        const { output } = await host.call('acme/wasi', 'go')
        times.push((output as unknown as { now: number }).now)
      }
      for (const time of times) expect(Math.abs(time - Date.now())).toBeLessThan(60_000)
      const log: string[] = []
      const failed = host.call(
        'acme/wasi',
        'fail',
        {},
        { onLog: ({ message }) => log.push(message) },
      )
      await expect(failed).rejects.toMatchObject({ code: 'ERR_HOST_TRAPPED' })
      expect(log.join('\n')).toContain('as it should')
    } finally {
      await host.close()
    }
  }, 30_000)

  it.skipIf(WITHOUT_RUST !== undefined)(
    "Rust's own files, clock, maps and standard output are the contract's",
    async () => {
      const host = await createTestHost({ policy: { isolation } })
      try {
        await host.install(rustExtension as Uint8Array)
        const log: string[] = []
        const onLog = ({ message }: { readonly message: string }): void => void log.push(message)
        for (const count of [1, 2]) {
          const { output } = await host.call('acme/rust', 'go', {}, { onLog })
          expect(output).toMatchObject({ count, three: 5, variables: 0, climbed: false })
          const { now } = output as unknown as { readonly now: number }
          expect(Math.abs(now - Date.now())).toBeLessThan(60_000)
        }
        expect(log).toEqual(['it goes', 'it goes'])
        const failed = host.call('acme/rust', 'fail', {}, { onLog })
        await expect(failed).rejects.toMatchObject({ code: 'ERR_HOST_TRAPPED' })
        expect(log.join('\n')).toContain("panicked at 'as it should'")
        const exited = host.call('acme/rust', 'exit', {}, { onLog })
        await expect(exited).rejects.toMatchObject({ code: 'ERR_HOST_TRAPPED' })
        expect(log.slice(-2)).toEqual([
          'no such order',
          'The extension ended itself with exit status 1',
        ])
      } finally {
        await host.close()
      }
    },
    30_000,
  )
})
