// Programs of real toolchains under the sandboxed WASI: Go, Rust and C built for preview 1 and adapted, JavaScript on QuickJS.
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Component, type ComponentInstance } from '@morphee/component'
import { createWasi, type Wasi, WasiExit } from '@morphee/component/wasi'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { compileRust, WITHOUT_RUST } from './rust/toolchain.ts'
import { adapt } from './adapter.ts'
import { storageOver, text, utf8 } from '../../../packages/component/test/wasi/world.ts'

const source = dirname(fileURLToPath(import.meta.url))
const requireOfAuthoring = createRequire(
  new URL('../../../packages/authoring/package.json', import.meta.url),
)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'morphee-wasi-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const WITHOUT: Readonly<Record<string, string | undefined>> = {
  go: has('go', 'version') ? undefined : 'no Go toolchain',
  c: has('python3', '-m', 'ziglang', 'version')
    ? undefined
    : 'no C compiler for WASI (pip install ziglang)',
  rust: WITHOUT_RUST,
}
for (const [language, reason] of Object.entries(WITHOUT))
  if (reason !== undefined) console.warn(`left out: WASI programs in ${language}: ${reason}`)

interface Program {
  readonly stdout: string
  readonly stderr: string
  readonly error: unknown
  readonly keys: readonly string[]
}

async function adapted(core: string): Promise<Component> {
  const bytes = await adapt(await readFile(core), 'command', folder)
  return Component.compile(Uint8Array.from(bytes))
}

async function runProgram(component: Component): Promise<Program> {
  const keys = new Map<string, Uint8Array>()
  const said = { stdout: '', stderr: '' }
  const wasi = createWasi({
    args: ['program', 'one'],
    environment: { COLOUR: 'blue' },
    stdin: utf8('typed'),
    stdout: (bytes) => void (said.stdout += text(bytes)),
    stderr: (bytes) => void (said.stderr += text(bytes)),
    storage: storageOver(keys),
  })
  const { exports } = await instantiate(component, wasi)
  const run = Object.entries(exports).find(([name]) => name.startsWith('wasi:cli/run@'))?.[1]
  let error: unknown
  try {
    await (run as unknown as { run(): Promise<void> }).run()
  } catch (thrown) {
    error = thrown
  }
  await wasi.settle()
  return { ...said, error, keys: [...keys.keys()] }
}

function instantiate(component: Component, wasi: Wasi): Promise<ComponentInstance> {
  return component.instantiate(wasi.imports, { suspending: wasi.suspending })
}

/** The reason that the guest gave for its end. */
function exitOf(error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if (cause instanceof WasiExit) return cause.status
  return error
}

describe.skipIf(WITHOUT['go'] !== undefined)('Go', () => {
  it('has arguments, files, folders, goroutines that sleep, randomness and an exit', async () => {
    const core = join(folder, 'go.wasm')
    run('go', ['build', '-trimpath', '-ldflags=-s -w', '-o', core, '.'], join(source, 'go'), {
      GOOS: 'wasip1',
      GOARCH: 'wasm',
    })
    const program = await runProgram(await adapted(core))
    expect(program.stdout.split('\n')).toEqual([
      'args [one] blue',
      '"hello\\nmore\\n" <nil>',
      'entry a.txt false',
      '<nil>',
      'none open /notes/none: No such file or directory',
      'climb open /../etc/passwd: No such file or directory',
      'rename <nil>',
      'remove <nil>',
      'stdin typed',
      'slept true true',
      'random 16 <nil>',
      '',
    ])
    expect(program.stderr).toBe('done\n')
    expect(exitOf(program.error)).toBe(1)
    expect(program.keys).toEqual([])
  }, 120_000)
})

describe.skipIf(WITHOUT['c'] !== undefined)('C', () => {
  it('has arguments, buffered files, folders, clocks and an exit', async () => {
    const core = join(folder, 'c.wasm')
    run(
      'python3',
      ['-m', 'ziglang', 'cc', '--target=wasm32-wasi', '-Oz', '-s', 'main.c', '-o', core],
      join(source, 'c'),
    )
    const program = await runProgram(await adapted(core))
    expect(program.stdout.split('\n')).toEqual([
      'args 2 one env blue',
      'lines 1000 size 8890',
      'size 8895',
      'entry .',
      'entry ..',
      'entry old.txt',
      'climb 1 Operation not permitted',
      'rmdir 0',
      'stdin typed',
      'slept 1',
      'time 1',
      '',
    ])
    expect(program.stderr).toBe('done\n')
    expect(exitOf(program.error)).toBe(1)
    expect(program.keys).toEqual([])
  }, 120_000)
})

describe.skipIf(WITHOUT_RUST !== undefined)('Rust', () => {
  it('has arguments, files, folders, maps, clocks, sleep and an exit', async () => {
    const core = join(folder, 'rust.wasm')
    compileRust('program.rs', core)
    const program = await runProgram(await adapted(core))
    expect(program.stdout.split('\n')).toEqual([
      'args ["one"] blue',
      'Ok("hello\\n")',
      'entry "a.txt" false',
      'none NotFound',
      'climb PermissionDenied',
      'map 2 1',
      'stdin typed',
      'slept true',
      'time true',
      '',
    ])
    expect(program.stderr).toBe('done\n')
    expect(exitOf(program.error)).toBe(1)
    expect(program.keys).toEqual([])
  }, 60_000)
})

describe('JavaScript on QuickJS, with WASI instead of stubs', () => {
  it('has a clock that goes and randomness that differs, and its panics are heard', async () => {
    const { componentize } = (await import(
      pathToFileURL(requireOfAuthoring.resolve('componentize-qjs')).href
    )) as { componentize(options: object): Promise<{ component: Uint8Array }> }
    const { component: bytes } = await componentize({
      witPath: join(source, 'javascript/world.wit'),
      world: 'program',
      jsSource: await readFile(join(source, 'javascript/program.js'), 'utf8'),
      sync: true,
      stubWasi: false,
    })
    const component = await Component.compile(Uint8Array.from(bytes))
    let stderr = ''
    const wasi = createWasi({ stderr: (chunk) => void (stderr += text(chunk)) })
    const { exports } = await instantiate(component, wasi)
    const guest = exports as unknown as { now(): Promise<string>; fail(): Promise<string> }
    const [time, random] = (await guest.now()).split(' ')
    expect(Math.abs(Date.parse(time as string) - Date.now())).toBeLessThan(60_000)
    expect((await guest.now()).split(' ')[1]).not.toBe(random)
    await expect(guest.fail()).rejects.toMatchObject({ code: 'ERR_COMPONENT_TRAPPED' })
    expect(stderr).toContain('as it should')
  }, 60_000)
})

function has(command: string, ...args: string[]): boolean {
  return spawnSync(command, args).status === 0
}

function run(command: string, args: readonly string[], cwd: string, env: object = {}): void {
  const { status, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`)
}
