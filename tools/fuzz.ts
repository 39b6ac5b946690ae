/** `npm run fuzz -- TARGET [--minutes 10] [--seed N]`: one fuzz target for as long as you like; every target also runs for some seconds among the tests. */
import { parseArgs } from 'node:util'
import { fuzzComponents } from '../packages/component/test/fuzz/components.ts'
import { fuzzRewriter } from '../packages/component/test/fuzz/rewriter.ts'
import { seedOfRun } from '../packages/component/test/fuzz/random.ts'

/** Tries cases from `seed` on until told to stop, throws on the first failure, and says what it has tried. */
type Target = (seed: number, isOver: (cases: number) => boolean) => Promise<object>

const TARGETS: Readonly<Record<string, Target>> = {
  component: fuzzComponents,
  rewriter: fuzzRewriter,
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
})
const target = TARGETS[positionals[0] ?? '']
const minutes = Number(values.minutes)
if (target === undefined || !(minutes > 0)) {
  console.error(`npm run fuzz -- ${Object.keys(TARGETS).join(' | ')} [--minutes 10] [--seed N]`)
  process.exit(2)
}
const seed = values.seed === undefined ? seedOfRun() : Number(values.seed) >>> 0
console.log(`seed ${seed}, ${minutes} min`)
const end = performance.now() + minutes * 60_000
console.log(await target(seed, (cases) => cases > 0 && performance.now() >= end))
