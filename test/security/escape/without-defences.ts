// Shows that each attack works once its defence is switched off: in a private copy of the sources, one replacement at a time.
import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Listed } from './corpus.ts'
import { type Edit, SHOWN_AT, WITHOUT } from './defences.ts'
import { type Level, LEVELS, unsupportedAt } from './levels.ts'
import type { Row } from './run-attack.ts'

/** What came of one attack without its defence. */
export interface BareRow {
  readonly id: string
  /** `caught later`: its test fails, because something else than its defence stops it, later and for another reason. */
  readonly verdict: 'works' | 'caught later' | 'STILL HELD' | 'NOT SHOWN'
  readonly how: string
}

const ROOT = resolve(import.meta.dirname, '../../..')
const COPIED = ['packages', 'sdks', 'extensions', 'spec', 'demo', 'test', 'tools', 'package.json']
/** A guest that nothing stops runs until it is killed, or until its process has no more memory. */
const PATIENCE_MS = 30_000
const HEAP_MIB = 600

/** Runs `corpus` without defences and tells of each attack as soon as it is known. */
export async function runWithoutDefences(
  corpus: readonly Listed[],
  tell: (row: BareRow) => void,
): Promise<void> {
  const copy = await makeCopy()
  try {
    for (const listed of corpus) tell(await runWithout(copy, listed))
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

async function makeCopy(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'morphee-without-defences-'))
  for (const part of COPIED) {
    await cp(join(ROOT, part), join(copy, part), {
      recursive: true,
      // Links between packages are relative, and must lead to the copies.
      verbatimSymlinks: true,
      filter: (path) => !path.includes('/dist/') && !path.endsWith('/dist'),
    })
  }
  await mkdir(join(copy, 'node_modules'))
  for (const name of await readdir(join(ROOT, 'node_modules'))) {
    const from = join(ROOT, 'node_modules', name)
    const to = join(copy, 'node_modules', name)
    if (name === '@morphee') await cp(from, to, { recursive: true, verbatimSymlinks: true })
    else await symlink(from, to)
  }
  return copy
}

async function runWithout(copy: string, { id, attack }: Listed): Promise<BareRow> {
  const edits = WITHOUT[id]
  if (edits === undefined) return { id, verdict: 'NOT SHOWN', how: 'defences.ts does not name it' }
  const level =
    SHOWN_AT[id] ??
    (Object.keys(LEVELS) as Level[]).find((one) => unsupportedAt(attack, one) === undefined)
  if (level === undefined) return { id, verdict: 'NOT SHOWN', how: 'it runs nowhere' }
  const before = new Map<string, string>()
  try {
    for (const edit of edits) {
      const path = join(copy, edit.file ?? attack.defence.file)
      const text = await readFile(path, 'utf8').catch(() => '')
      if (!before.has(path)) before.set(path, text)
      const changed = switchOff(text, edit)
      if (changed === undefined)
        return { id, verdict: 'NOT SHOWN', how: `no longer found: ${edit.search.trim()}` }
      await writeFile(path, changed)
    }
    return { id, ...(await runIn(copy, id, level)) }
  } finally {
    for (const [path, text] of before) await writeFile(path, text)
  }
}

function switchOff(text: string, { search, replace }: Edit): string | undefined {
  return text.includes(search) ? text.replaceAll(search, () => replace) : undefined
}

/** Runs the attack in a process of its own: without its defence it may take its process with it. */
async function runIn(copy: string, id: string, level: Level): Promise<Omit<BareRow, 'id'>> {
  const child = spawn(
    process.execPath,
    [
      '--conditions=@morphee/source',
      `--max-old-space-size=${HEAP_MIB}`,
      'tools/security.ts',
      '--json',
      `--attack=${id}`,
      `--level=${level}`,
    ],
    { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let output = ''
  let errors = ''
  child.stdout.on('data', (data: Buffer) => (output += data.toString()))
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()))
  let inTime = true
  const timer = setTimeout(() => {
    inTime = false
    child.kill('SIGKILL')
  }, PATIENCE_MS)
  await new Promise((done) => child.on('close', done))
  clearTimeout(timer)
  // What was switched off must leave the bystanders running, or nothing was shown.
  if (!errors.includes(READY)) return { verdict: 'NOT SHOWN', how: lastLine(errors) }
  if (!inTime) return { verdict: 'works', how: 'it does not end' }
  if (!output.includes('"rows"')) return { verdict: 'works', how: 'it ends the process' }
  const { rows } = JSON.parse(output) as { readonly rows: readonly Row[] }
  const [row] = rows
  if (row?.verdict !== 'ESCAPED') return { verdict: 'STILL HELD', how: row?.how ?? '' }
  return { verdict: /^(?:trap|ERR_)/.test(row.how) ? 'caught later' : 'works', how: row.how }
}

/** Said on the error output once a level is open and its bystanders were heard. */
export const READY = 'ready: bystanders are well'

function lastLine(text: string): string {
  return (
    text
      .trim()
      .split('\n')
      .findLast((line) => /Error/.test(line)) ?? text.slice(0, 200)
  )
}
