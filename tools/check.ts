/** `npm run check`: the whole gate, cheapest first. Prints each step with its time and stops at the first that fails. */
import { spawnSync } from 'node:child_process'
import { readArguments } from './arguments.ts'
import { checkDependencies } from './check/dependencies.ts'
import { checkLayers } from './check/layers.ts'
import { checkLockfile } from './check/lockfile.ts'
import { checkSnippets } from './check/snippets.ts'
import { checkWords } from './check/words.ts'

const { values } = readArguments(
  'npm run check -- [--no-tests]\n\n  The whole gate; without the tests in under a minute.',
  { options: { 'no-tests': { type: 'boolean', default: false } } },
)

type Step = readonly [name: string, run: () => boolean]

function list(check: () => string[]): () => boolean {
  return () => {
    const problems = check()
    for (const problem of problems) console.error(`  ${problem}`)
    return problems.length === 0
  }
}

function command(name: string, ...args: string[]): () => boolean {
  return () => spawnSync(name, args, { stdio: 'inherit' }).status === 0
}

const steps: readonly Step[] = [
  ['lockfile', list(checkLockfile)],
  ['layers and effects', list(checkLayers)],
  ['dependencies', list(checkDependencies)],
  ['words', list(checkWords)],
  ['snippets', list(checkSnippets)],
  ['format', command('oxfmt', '--check', '.')],
  ['types (tsc -b)', command('tsc', '-b')],
  ['types of tests and tools', command('tsc', '-p', 'tsconfig.test.json')],
  ['lint', command('oxlint', '--type-aware', '--quiet')],
  [
    'generated files',
    () =>
      command('node', '--conditions=@morphee/source', 'tools/generate.ts')() &&
      command('git', 'diff', '--exit-code', '--stat', '--', '*.generated.ts', 'docs/errors.md')(),
  ],
  ['dead code (knip)', command('knip', '--no-config-hints')],
  ['packages (publint, attw)', command('node', 'tools/check/packages.ts')],
  ...(values['no-tests'] ? [] : [['tests', command('node', 'tools/test.ts')] as const]),
]

for (const [name, run] of steps) {
  const start = performance.now()
  console.log(`· ${name}`)
  if (!run()) {
    console.error(`✗ ${name} failed`)
    process.exit(1)
  }
  console.log(`✓ ${name} (${((performance.now() - start) / 1000).toFixed(1)} s)`)
}
