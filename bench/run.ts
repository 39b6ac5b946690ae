/** `npm run bench`: every benchmark in a process of its own, one table of ratios; `-- --quick` proves that they run, `-- --json` prints one object. */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { readArguments } from '../tools/arguments.ts'
import { printTable, type Row } from './measure.ts'

interface Result {
  readonly rows: readonly Row[]
}

const { values } = readArguments(
  `npm run bench -- [--quick] [--json]

  Every benchmark in a process of its own, minutes in all; --quick proves that they run. --json prints one object.`,
  {
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
    },
  },
)
const { json } = values
const rows: (Row & { readonly bench: string })[] = []
let failed = 0
for (const file of globSync('bench/*.ts')
  .filter((name) => !['run.ts', 'measure.ts'].includes(basename(name)))
  .sort()) {
  const args = [
    '--conditions=@morphee/source',
    '--expose-gc',
    file,
    '--json',
    ...(values.quick ? ['--quick'] : []),
  ]
  const run = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (run.status !== 0) {
    failed++
    console.error(`${file} failed`)
    continue
  }
  const result = JSON.parse(run.stdout) as Result
  const bench = basename(file, '.ts')
  for (const row of result.rows) rows.push({ bench, ...row })
  // A whole run takes minutes.
  console.error(`${bench}: ${result.rows.length} rows`)
}
if (!json) {
  console.log('Microseconds where nothing else is said; ratio is ours ÷ theirs, below 1 is ahead.')
  printTable(rows)
}
if (json)
  console.log(JSON.stringify({ passed: rows.length, failed, unsupported: 0, skipped: 0, rows }))
process.exitCode = failed === 0 ? 0 : 1
