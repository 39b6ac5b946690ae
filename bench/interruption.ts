/** What interruption checks cost: kernels compiled by AssemblyScript, the same component plain and with checks of each kind; and how fast cores are rewritten. */
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  Component,
  InterruptionFlag,
  InterruptionFuel,
  type InterruptionKind,
} from '@morphee/component'
import { readSections } from '@morphee/core'
import { buildModule, ComponentBuilder, op } from '@morphee/testing'
import { readModule } from '../packages/component/test/fuzz/observe.ts'
import { rewriteModule } from '../packages/component/src/core/rewrite.ts'
import { plainRow, printRows, quick, type Row, rowsOf } from './measure.ts'

/** What each kernel returns, so that nothing is measured that does not work. */
const KERNELS: Readonly<Record<string, number>> = {
  sieve: 17_984,
  fib: 196_418,
  matrix: -648,
  sha256: 1_264_848_261,
  'json-parse': -3_114_015,
  sort: 1_386_735_119,
  mandelbrot: 663_298,
  'string-search': 3_901_664,
}

interface Asc {
  main(args: string[], io: object): Promise<{ error: Error | null }>
}
const require = createRequire(new URL('../packages/authoring/package.json', import.meta.url))
// It exports itself to `import` alone, and is a dependency of that package only.
const { default: asc } = (await import(
  new URL('../packages/authoring/node_modules/assemblyscript/dist/asc.js', import.meta.url).href
)) as { default: Asc }

async function compileKernel(name: string, folder: string): Promise<Uint8Array> {
  const out = join(folder, `${name}.wasm`)
  const source = join('bench/kernels', `${name}.ts`)
  const { error } = await asc.main([source, '-o', out, '-O3', '--runtime', 'stub', '--noAssert'], {
    stdout: process.stderr,
    stderr: process.stderr,
  })
  if (error !== null) throw error
  return readFile(out)
}

/** A component around a kernel. Its `abort` is another core's, as guests have it. */
function componentOf(core: Uint8Array): Uint8Array {
  const c = new ComponentBuilder()
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  const env = c.coreInstance(
    c.module(
      buildModule({ funcs: [{ params: [...params], body: op.unreachable, export: 'abort' }] }),
    ),
  )
  const instance = c.coreInstance(c.module(core), { env })
  c.export('run', 'func', c.lift(c.coreAlias('func', instance, 'run'), { result: { kind: 's32' } }))
  return c.build()
}

const ENDLESS = 2n ** 62n

/** What each kind is called, with its goal. */
const KINDS: Readonly<Record<InterruptionKind, readonly [name: string, goal?: string]>> = {
  flag: ['a flag', '≤ 15 %'],
  fuel: ['fuel'],
  termination: ['what termination needs', '≤ 3 %'],
}

async function runnerOf(
  bytes: Uint8Array,
  kind: InterruptionKind | undefined,
): Promise<() => number> {
  const component = await Component.compile(bytes, kind === undefined ? {} : { interruption: kind })
  const { exports } = await component.instantiate(
    {},
    kind === undefined
      ? {}
      : { interruption: kind === 'fuel' ? new InterruptionFuel(ENDLESS) : new InterruptionFlag() },
  )
  return exports['run'] as unknown as () => number
}

const rows: Row[] = []
const percent = (ratio: number): string => `${((ratio - 1) * 100).toFixed(1)} %`
const geometricMean = (ratios: readonly number[]): number =>
  Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)

/**
 * The fewest microseconds of one run of each, taken in turns. Code that computes has no better time than the one in which nothing came between, and a median of a
 * busy machine measures the others.
 */
function bestInTurns(rounds: number, works: readonly (() => unknown)[]): number[] {
  const best = works.map(() => Infinity)
  for (let round = 0; round < rounds; round++) {
    for (const [index, work] of works.entries()) {
      const started = performance.now()
      work()
      best[index] = Math.min(best[index] as number, (performance.now() - started) * 1000)
    }
  }
  return best
}

async function benchKernels(folder: string): Promise<void> {
  const ratios = { flag: [], fuel: [], termination: [] } as Record<InterruptionKind, number[]>
  const kinds = Object.keys(KINDS) as InterruptionKind[]
  for (const [name, expected] of Object.entries(KERNELS)) {
    const bytes = componentOf(await compileKernel(name, folder))
    const runs = [await runnerOf(bytes, undefined)]
    for (const kind of kinds) runs.push(await runnerOf(bytes, kind))
    for (const run of runs)
      if (run() !== expected) throw new Error(`The kernel ${name} returned ${run()}`)
    // Many, until V8 has long compiled each of them with what it saw.
    const [plain = 0, ...checked] = bestInTurns(quick ? 3 : 150, runs)
    kinds.forEach((kind, index) => {
      const micros = checked[index] as number
      ratios[kind].push(micros / plain)
      rows.push(
        ...rowsOf(`${name} with ${KINDS[kind][0]}`, micros, [
          { against: 'without checks', micros: plain },
        ]),
      )
    })
  }
  for (const kind of kinds) {
    const [what, goal] = KINDS[kind]
    const mean = `+${percent(geometricMean(ratios[kind]))}`
    rows.push(plainRow(`geometric mean over the kernels, ${what}`, mean, goal))
  }
}

/** Cores of real programs: the largest of an extension on QuickJS, when it has been built, and wasm-tools itself, which is Rust. */
async function findCores(): Promise<{ what: string; bytes: Uint8Array }[]> {
  const found: { what: string; bytes: Uint8Array }[] = []
  const extension = 'extensions/jira/build/jira.wasm'
  if (existsSync(extension)) {
    const cores = coresOf(await readFile(extension))
    found.push({
      what: 'QuickJS',
      bytes: cores.toSorted((a, b) => b.length - a.length)[0] as Uint8Array,
    })
  } else console.error(`left out: the QuickJS core, because ${extension} is not built`)
  const jco = dirname(require.resolve('@bytecodealliance/jco-transpile'))
  found.push({
    what: 'wasm-tools',
    bytes: await readFile(join(jco, '../vendor/wasm-tools.core.wasm')),
  })
  return found
}

function coresOf(component: Uint8Array): Uint8Array[] {
  return [...readSections(component)].flatMap(({ id, bytes }) =>
    id === 1 ? [bytes] : id === 4 ? coresOf(bytes) : [],
  )
}

async function benchRewriting(): Promise<void> {
  for (const { what, bytes } of await findCores())
    for (const kind of ['flag', 'termination'] as const) benchRewritingOf(what, bytes, kind)
}

function benchRewritingOf(what: string, bytes: Uint8Array, kind: InterruptionKind): void {
  let grown = 0
  const rewrite = (): void => {
    grown = rewriteModule(bytes, readModule(bytes), { tableElements: 1e6 }, kind)?.length ?? 0
  }
  const started = performance.now()
  rewrite()
  const first = performance.now() - started
  const [micros = 0] = bestInTurns(quick ? 2 : 80, [rewrite])
  rows.push(
    plainRow(
      `rewriting ${what} for ${KINDS[kind][0]}, ${(bytes.length / 1e6).toFixed(2)} MB`,
      `${(bytes.length / micros).toFixed(0)} MB/s, first ${first.toFixed(0)} ms, +${percent(grown / bytes.length)} bytes`,
      '≥ 50 MB/s',
    ),
  )
}

const folder = await mkdtemp(join(tmpdir(), 'bench-kernels-'))
try {
  await benchKernels(folder)
} finally {
  await rm(folder, { recursive: true })
}
await benchRewriting()
printRows(rows)
