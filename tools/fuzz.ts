/** `npm run fuzz -- TARGET [--minutes 10] [--seed N]`: one fuzz target for as long as you like; every target also runs for some seconds among the tests. */
import { fuzzComponents } from '../packages/component/test/fuzz/components.ts'
import { fuzzRewriter } from '../packages/component/test/fuzz/rewriter.ts'
import { seedOfRun } from '../packages/component/test/fuzz/random.ts'
import { misused, readArguments } from './arguments.ts'

/** Tries cases from `seed` on until told to stop, throws on the first failure, and says what it has tried. */
type Target = (seed: number, isOver: (cases: number) => boolean) => Promise<object>

const TARGETS: Readonly<Record<string, Target>> = {
  component: fuzzComponents,
  rewriter: fuzzRewriter,
}

const USAGE = `npm run fuzz -- TARGET [--minutes 10] [--seed N]

  ${Object.keys(TARGETS).join(' or ')}; a minute without --minutes, another seed each time without --seed.
  The first failure ends it with the seed that repeats it. What is compared with wasm-tools needs wasm-tools.`

const { positionals, values } = readArguments(USAGE, {
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
})
const target = TARGETS[positionals[0] ?? '']
const minutes = Number(values.minutes)
if (target === undefined) misused(USAGE, 'Name a target')
if (!(minutes > 0)) misused(USAGE, '--minutes takes a number above 0')
const seed = values.seed === undefined ? seedOfRun() : Number(values.seed) >>> 0
console.log(`seed ${seed}, ${minutes} min`)
const end = performance.now() + minutes * 60_000
console.log(await target(seed, (cases) => cases > 0 && performance.now() >= end))
