/** `npm run conformance`: the Component Model's own suite, a row a folder; `-- --json` for one object. */
import { existsSync, readdirSync } from 'node:fs'
import { runFolder, SUITE } from '../packages/component/test/conformance/run.ts'

const json = process.argv.includes('--json')
const rows: Record<string, unknown>[] = []
if (existsSync(SUITE)) {
  for (const folder of readdirSync(SUITE, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  )) {
    const { passed, failed, unsupported, wrong } = await runFolder(folder.name)
    rows.push({ folder: folder.name, passed, failed, unsupported, wrong })
  }
}
const sum = (name: string): number => rows.reduce((total, row) => total + Number(row[name]), 0)
const skipped = rows.length === 0 ? 1 : 0
if (json) {
  console.log(
    JSON.stringify({
      passed: sum('passed'),
      failed: sum('failed'),
      unsupported: sum('unsupported'),
      skipped,
      rows,
    }),
  )
} else if (skipped > 0) {
  console.log(
    'skipped: the suite is not beside the checkout (../shared/conformance/component-model)',
  )
} else {
  console.table(rows)
}
