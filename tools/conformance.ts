/**
 * `npm run conformance`: the Component Model's own suite, a row a folder, and the project's own vectors as a folder of their own.
 * `-- --json` for one object, `-- values async` for what fails in those folders.
 */
import { readSuiteFolder, suiteFolders } from '../packages/component/test/conformance/read-suite.ts'
import { runFolder } from '../packages/component/test/conformance/run.ts'
import { GROUPS } from '../packages/component/test/vectors/run.ts'
import { misused, readArguments } from './arguments.ts'

interface Row {
  readonly folder: string
  readonly passed: number
  readonly rejected: number
  readonly trapped: number
  readonly failed: number
  readonly unsupported: number
  readonly wrong: number
}

const VECTORS = 'spec/vectors'
const present = suiteFolders()
const USAGE = `npm run conformance -- [FOLDER…] [--json]

  ${[...present, VECTORS].join(', ')}; all of them without a name.
  With names, what fails in them is listed. --json prints one object.`
const { positionals: wanted, values } = readArguments(USAGE, {
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
})
const { json } = values
for (const folder of wanted)
  if (![...present, VECTORS].includes(folder)) misused(USAGE, `There is no folder ${folder}`)
const rows: Row[] = []
const failing: string[] = []

for (const folder of present) {
  if (wanted.length > 0 && !wanted.includes(folder)) continue
  const { passed, rejected, trapped, failed, unsupported, wrong, failures } = await runFolder(
    readSuiteFolder(folder),
  )
  rows.push({ folder, passed, rejected, trapped, failed, unsupported, wrong })
  failing.push(...failures)
}
if (wanted.length === 0 || wanted.includes(VECTORS)) {
  const groups = []
  for (const run of Object.values(GROUPS)) groups.push(await run())
  const failures = groups.flatMap((group) => group.failures)
  const passed = groups.reduce((sum, group) => sum + group.passed, 0)
  rows.push({
    folder: VECTORS,
    passed,
    rejected: 0,
    trapped: 0,
    failed: failures.length,
    unsupported: 0,
    wrong: failures.length,
  })
  failing.push(...failures)
}

const sum = (name: Exclude<keyof Row, 'folder'>): number =>
  rows.reduce((total, row) => total + row[name], 0)
const skipped = present.length === 0 ? 1 : 0
if (json) {
  const [passed, failed, unsupported] = [sum('passed'), sum('failed'), sum('unsupported')]
  console.log(JSON.stringify({ passed, failed, unsupported, skipped, rows }))
} else {
  console.table(rows)
  if (wanted.length > 0) for (const failure of failing) console.log(failure)
  if (skipped > 0)
    console.log(
      "skipped: the Component Model's own suite is not beside the checkout (../shared/conformance/component-model)",
    )
}
process.exitCode = sum('failed') === 0 ? 0 : 1
