/**
 * `npm run security`: the escape corpus, an attack and a level a row; `-- --json` for one object.
 *
 * `--level NAME` and `--attack GROUP/NAME` (or a group, or several with commas) run a part, `--full` heavy attacks at full size. `--without-defences` shows, in a private copy, that each attack works once its
 * defence is switched off.
 */
import { readCorpus } from '../test/security/escape/corpus.ts'
import { type Level, LEVELS } from '../test/security/escape/levels.ts'
import { type Row, runAttack } from '../test/security/escape/run-attack.ts'
import {
  type BareRow,
  READY,
  runWithoutDefences,
} from '../test/security/escape/without-defences.ts'
import { misused, readArguments } from './arguments.ts'

const USAGE = `npm run security -- [options]

  --level NAME         one of ${Object.keys(LEVELS).join(', ')}; all of them without it
  --attack GROUP/NAME  one attack, or a group, or several with commas
  --full               heavy attacks at full size
  --without-defences   each defence switched off in a private copy, to show that the attack then works
  --json               one object

Exit codes: 0 all held, 1 escaped or known and open, 2 usage`

const { values } = readArguments(USAGE, {
  options: {
    json: { type: 'boolean', default: false },
    level: { type: 'string' },
    attack: { type: 'string' },
    // Read where the heavy attacks are made.
    full: { type: 'boolean', default: false },
    'without-defences': { type: 'boolean', default: false },
  },
})

const wanted = values.attack?.split(',')
const corpus = (await readCorpus()).filter(
  ({ id }) => wanted?.some((one) => id === one || id.startsWith(`${one}/`)) ?? true,
)
if (corpus.length === 0) misused(USAGE, `There is no attack ${values.attack}`)
if (values.level !== undefined && !Object.hasOwn(LEVELS, values.level))
  misused(USAGE, `There is no level ${values.level}`)

if (values['without-defences']) await runBare()
else await runCorpus()

async function runCorpus(): Promise<void> {
  const rows: (Row & { readonly id: string })[] = []
  for (const [level, open] of Object.entries(LEVELS) as [Level, (typeof LEVELS)[Level]][]) {
    if (values.level !== undefined && values.level !== level) continue
    const at = await open()
    try {
      await at.checkBystanders()
      if (values.json) console.error(READY)
      for (const { id, attack } of corpus) {
        const row = { id, ...(await runAttack(attack, level, at)) }
        rows.push(row)
        if (!values.json) print(row)
      }
    } finally {
      await at.close()
    }
  }
  const count = (verdict: Row['verdict']): number =>
    rows.filter((row) => row.verdict === verdict).length
  const summary = {
    passed: count('held'),
    failed: count('ESCAPED') + count('OPEN'),
    unsupported: count('not here'),
    skipped: 0,
  }
  console.log(
    values.json
      ? JSON.stringify({ ...summary, rows })
      : `${corpus.length} attacks: ${summary.passed} held, ${count('ESCAPED')} escaped, ${count('OPEN')} known and open, ${summary.unsupported} not at a level that cannot run them`,
  )
  process.exitCode = summary.failed === 0 ? 0 : 1
}

async function runBare(): Promise<void> {
  const rows: BareRow[] = []
  await runWithoutDefences(corpus, (row) => {
    rows.push(row)
    if (!values.json) console.log(`${row.verdict.padEnd(12)} ${row.id.padEnd(52)} ${row.how}`)
  })
  const count = (verdict: BareRow['verdict']): number =>
    rows.filter((row) => row.verdict === verdict).length
  const works = count('works')
  const later = count('caught later')
  const failed = rows.length - works - later
  const summary = { passed: works + later, failed, unsupported: 0, skipped: 0 }
  console.log(
    values.json
      ? JSON.stringify({ ...summary, rows })
      : `${rows.length} attacks without their defence: ${works} work, ${later} are caught by something else, ${failed} are held or not shown`,
  )
  process.exitCode = summary.failed === 0 ? 0 : 1
}

function print({ id, level, verdict, how, size }: Row & { readonly id: string }): void {
  console.log(
    `${verdict.padEnd(8)} ${level.padEnd(7)} ${id.padEnd(42)} ${how}${size === undefined ? '' : ` [${size}]`}`,
  )
}
