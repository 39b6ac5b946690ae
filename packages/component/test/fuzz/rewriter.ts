import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { capModule, memoryMaxima } from '../../src/core/cap.ts'
import type { InterruptionKind } from '../../src/core/check-code.ts'
import { beginCore } from '../../src/core/compile-core.ts'
import type { CoreModuleInfo } from '../../src/core/module-info.ts'
import { REWRITER_NAMESPACE, rewriteModule } from '../../src/core/rewrite.ts'
import { EngineError, InterruptionFlag, InterruptionFuel } from '../../src/index.ts'
import { type Interruption, rewriterImports } from '../../src/run/interruption.ts'
import { wasmTools } from '../toolchain.ts'
import { HangWatchdog } from './hang-watchdog.ts'
import { mutate } from './mutate.ts'
import { observe, readModule } from './observe.ts'
import { Random } from './random.ts'

/** What a run has tried. */
export interface RewriterFuzz {
  /** Modules that `wasm-tools smith` and Binaryen made, and how many of them ran the same plain, with a flag, with fuel, and as in a thread that can be ended. */
  readonly generated: number
  readonly compared: number
  /** Those that may never end, and were stopped or ended. */
  readonly ended: number
  /** Modules that were refused by name. */
  readonly refused: number
  /** Changed modules, and how many of them were valid. */
  readonly mutated: number
  readonly valid: number
}

const SHARE = { memoryPages: 20, tableElements: 1000 }
const COMMAND = process.env['MORPHEE_WASM_TOOLS'] ?? 'wasm-tools'
const KINDS: readonly InterruptionKind[] = ['flag', 'fuel', 'termination']
const MUTATIONS = 40

/** Modules to change where there is no generator. */
const TEXTS = [
  `(module (memory 1) (data (i32.const 3) "abc") (table 2 funcref) (global (mut i32) (i32.const 1)) (func $f (export "f") (param i32) (result i32)
     (local i64) (loop $l (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 1))) (i32.const 9)))) (call $g (local.get 0)))
     (func $g (param i32) (result i32) (memory.fill (i32.const 0) (i32.const 1) (i32.const 9)) (i32.load8_u offset=1 (local.get 0)))
     (elem (i32.const 0) $f $g) (start $s) (func $s (drop (call_indirect (param i32) (result i32) (i32.const 1) (i32.const 0)))))`,
  `(module (import "a" "b" (func $h (param i64))) (import "a" "m" (memory 1)) (tag $t (param i32)) (func (export "f") (result i32)
     (block $b (result i32) (try_table (result i32) (catch $t $b) (call $h (i64.const 5)) (throw $t (i32.const 4)))))
     (func (export "g") (param v128) (result v128) (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get 0) (v128.load align=1 (i32.const 4)))))`,
  `(module (memory $a 1) (memory $b 1) (func (export "f") (i32.store $b (i32.const 0) (i32.load $a (i32.const 0)))
     (memory.copy $a $b (i32.const 0) (i32.const 0) (i32.const 8))) (func (export "s") (result i32) (memory.size $b)))`,
]

/**
 * Holds the rewriter against V8, until `isOver`: modules run the same before and after; whatever the bytes, there is a module or one of the
 * engine's errors; what comes out is valid when what goes in was, and what was invalid never gets to run.
 *
 * @throws on the first difference, with the case's own seed
 */
export async function fuzzRewriter(
  seed: number,
  isOver: (cases: number) => boolean,
): Promise<RewriterFuzz> {
  const count = { generated: 0, compared: 0, ended: 0, refused: 0, mutated: 0, valid: 0 }
  const texts: Uint8Array[] = []
  for (const text of TEXTS) texts.push(new Uint8Array(await wasmTools.parse(text)))
  await using watchdog = new HangWatchdog(30_000)
  const canGenerate = spawnSync(COMMAND, ['--version']).status === 0
  if (!canGenerate) console.log('left out: generated modules, because wasm-tools is not here')
  for (let n = 0; !isOver(n); n++) {
    const random = new Random((seed + n) >>> 0)
    const seeds = [...texts]
    watchdog.begin(seed + n)
    try {
      if (canGenerate) {
        const isEndless = random.chance(3)
        const module =
          !isEndless && random.chance(20)
            ? generateWithBinaryen(random)
            : generate(random, isEndless)
        if (module !== undefined && WebAssembly.validate(module)) {
          count.generated++
          await (isEndless ? endRuns(module, count) : compareRuns(module, count))
          seeds.push(module)
        }
      }
      for (let i = 0; i < MUTATIONS; i++)
        await tryMutant(new Uint8Array(mutate(random, seeds)), count)
    } catch (error) {
      throw new Error(`The rewriter failed; MORPHEE_SEED=${(seed + n) >>> 0} repeats it alone`, {
        cause: error,
      })
    }
  }
  return count
}

type Count = { -readonly [Name in keyof RewriterFuzz]: RewriterFuzz[Name] }

// AssemblyScript brings it, which the author's toolchain is made of.
const BINARYEN = new URL(
  '../binaryen/bin/wasm-opt',
  pathToFileURL(
    `${realpathSync(new URL('../../../authoring/node_modules/assemblyscript', import.meta.url))}/`,
  ),
)

/** A module by Binaryen's own fuzzer: fewer kinds of instructions, and more that look like a program. It always ends. */
function generateWithBinaryen(random: Random): Uint8Array<ArrayBuffer> | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'morphee-fuzz-'))
  try {
    const [input, output] = [join(folder, 'seed'), join(folder, 'module.wasm')]
    writeFileSync(input, random.bytes(500 + random.int(4000)))
    const features = ['simd', 'bulk-memory', 'multivalue', 'tail-call', 'exception-handling']
    const run = spawnSync(process.execPath, [
      fileURLToPath(BINARYEN),
      input,
      '--translate-to-fuzz',
      '--denan',
      '-o',
      output,
      ...features.map((feature) => `--enable-${feature}`),
    ])
    return run.status === 0 ? new Uint8Array(readFileSync(output)) : undefined
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// What both V8 and the engine have: the rest would only be refused.
const SMITH = [
  'smith --export-everything true --canonicalize-nans true --min-funcs 2 --max-memories 3 --max-tables 4',
  '--max-memory32-bytes 655360 --max-table-elements 100 --memory64-enabled false --gc-enabled false',
  '--threads-enabled false --shared-everything-threads-enabled false --custom-page-sizes-enabled false',
  '--wide-arithmetic-enabled false --relaxed-simd-enabled false --compact-imports-enabled false',
  '--custom-descriptors-enabled false --exceptions-enabled',
]
  .join(' ')
  .split(' ')
const ENDING = ['--ensure-termination', '--fuel', '300']

function generate(random: Random, isEndless: boolean): Uint8Array<ArrayBuffer> | undefined {
  const args = [...SMITH, String(random.chance(3)), ...(isEndless ? [] : ENDING)]
  const run = spawnSync(COMMAND, args, { input: random.bytes(500 + random.int(4000)) })
  return run.status === 0 ? new Uint8Array(run.stdout) : undefined
}

/** Plain and rewritten, everything must be seen to be the same. */
async function compareRuns(bytes: Uint8Array<ArrayBuffer>, count: Count): Promise<void> {
  const runs = rewriteBoth(bytes)
  if (runs === undefined) return void count.refused++
  const plain = await observe(new WebAssembly.Module(runs.capped), bytes)
  for (const [name, seen] of [
    ['flag', await runs.flag(new InterruptionFlag())],
    ['fuel', await runs.fuel(new InterruptionFuel(10n ** 12n))],
    ['termination', await runs.termination?.(new InterruptionFlag())],
  ] as const) {
    if (seen === undefined || plain.overflowed || seen.overflowed) continue
    const [was, is] = [plain.events.join('\n'), seen.events.join('\n')]
    if (was !== is) throw new Error(`With ${name} it does\n${is}\nand did\n${was}`)
  }
  count.compared++
}

/** With the flag up, or little fuel, everything must end, though the module may not. */
async function endRuns(bytes: Uint8Array<ArrayBuffer>, count: Count): Promise<void> {
  const runs = rewriteBoth(bytes)
  if (runs === undefined) return void count.refused++
  const raised = new InterruptionFlag()
  raised.raise()
  await runs.flag(raised)
  await runs.fuel(new InterruptionFuel(1_000_000n))
  count.ended++
}

type Run = (interruption: Interruption) => ReturnType<typeof observe>

function rewriteBoth(
  bytes: Uint8Array<ArrayBuffer>,
):
  | { capped: Uint8Array<ArrayBuffer>; flag: Run; fuel: Run; termination: Run | undefined }
  | undefined {
  const info = accepted(() => readModule(bytes))
  if (info === undefined || tooLarge(info)) return undefined
  const memories = [
    info.memories.map(({ min }, index) => ({ min, max: memoryMaxima(info, SHARE)[index] })),
  ]
  const prepare = (kind: InterruptionKind): Run | undefined => {
    const code = accepted(() => rewriteModule(bytes, info, SHARE, kind))
    if (code === undefined) return undefined
    const module = new WebAssembly.Module(code)
    return (interruption) =>
      observe(module, bytes, {
        [REWRITER_NAMESPACE]:
          rewriterImports({ interruption, memories, pool: undefined, lent: [] }, 0) ?? {},
      })
  }
  const [flag, fuel, termination] = KINDS.map(prepare)
  if (flag === undefined || fuel === undefined) return undefined
  return { capped: capModule(bytes, info, SHARE), flag, fuel, termination }
}

async function tryMutant(bytes: Uint8Array<ArrayBuffer>, count: Count): Promise<void> {
  count.mutated++
  const isValid = WebAssembly.validate(bytes)
  const info = accepted(() => readModule(bytes))
  if (info === undefined) return
  for (const kind of KINDS) {
    const rewritten = accepted(() => rewriteModule(bytes, info, SHARE, kind), isValid)
    if (isValid && rewritten !== undefined && !WebAssembly.validate(rewritten))
      throw new Error(
        `${kind} made a valid module invalid: ${Buffer.from(bytes).toString('base64')}`,
      )
  }
  if (isValid) return void count.valid++
  for (const interruption of ['flag', 'termination'] as const) {
    const options = { share: SHARE, interruption, cache: undefined }
    const error: unknown = await beginCore(bytes, info, options)
      .then(({ module }) => module)
      .then(
        () => new Error(`An invalid module was compiled: ${Buffer.from(bytes).toString('base64')}`),
        (refusal: unknown) => refusal,
      )
    if (!(error instanceof EngineError)) throw error
  }
}

/** What `work` gives, or `undefined` when it refuses as it should: a valid module by name only. */
function accepted<T>(work: () => T, isValid = false): T | undefined {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    if (
      isValid &&
      error.code !== 'ERR_COMPONENT_UNSUPPORTED' &&
      error.code !== 'ERR_COMPONENT_LIMIT'
    )
      throw error
    return undefined
  }
}

function tooLarge({ memories, tables }: CoreModuleInfo): boolean {
  return memories.some(({ min }) => min > 100) || tables.some(({ min }) => min > 10_000)
}
