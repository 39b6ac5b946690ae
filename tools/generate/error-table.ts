// One table decides what every edge makes of an error code. It is generated, because four hand-written copies would drift.
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'

interface Row {
  readonly guest: string | null
  readonly http: number
  readonly exit: 0 | 1 | 2 | 3
  readonly means: string
  readonly next: string
}

const GUEST_CODES = [
  'permission-denied',
  'rate-limited',
  'limit-exceeded',
  'timeout',
  'cancelled',
  'unreachable',
  'unauthenticated',
  'not-found',
  'conflict',
  'invalid-input',
  'unsupported',
  'internal',
]

export async function generateErrorTable(): Promise<void> {
  const rows = new Map<string, Row & { readonly area: string }>()
  const problems: string[] = []
  for (const file of globSync('spec/errors/*.json').sort()) {
    for (const [code, row] of Object.entries(
      JSON.parse(readFileSync(file, 'utf8')) as Record<string, Row>,
    )) {
      if (rows.has(code)) problems.push(`${code} has two rows`)
      if (row.guest !== null && !GUEST_CODES.includes(row.guest))
        problems.push(`${code}: unknown guest code ${row.guest}`)
      if (
        !Number.isInteger(row.http) ||
        ![0, 1, 2, 3].includes(row.exit) ||
        !row.means ||
        !row.next
      )
        problems.push(`${code}: a field is missing`)
      rows.set(code, { ...row, area: basename(file, '.json') })
    }
  }
  const declared = new Set<string>()
  for (const file of globSync('packages/*/src/**/errors.ts')) {
    for (const match of readFileSync(file, 'utf8').matchAll(/^  (ERR_[A-Z0-9_]+):/gm))
      declared.add(match[1] as string)
  }
  for (const code of declared)
    if (!rows.has(code)) problems.push(`${code} is declared and has no row in spec/errors`)
  for (const code of rows.keys())
    if (!declared.has(code) && code !== 'ERR_INTERNAL')
      problems.push(`${code} has a row and no declaration in an errors.ts`)
  if (problems.length > 0) throw new Error(problems.join('\n'))

  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1))
  const lines = sorted.map(
    ([code, { guest, http, exit, next }]) =>
      `  ${code}: ${JSON.stringify({ guest, http, exit, next })},`,
  )
  writeFileSync(
    'packages/core/src/errors/table.generated.ts',
    `// Generated from spec/errors by \`npm run generate\`. Do not edit.

/** What the edges make of an error code. */
export interface ErrorRow {
  /** The code in a guest's \`failure\`, or \`null\` when no guest sees this error. */
  readonly guest: string | null
  /** Status of the HTTP API. */
  readonly http: number
  /** Exit code of the CLI: 1 refused or failed, 2 usage, 3 could not tell. */
  readonly exit: 0 | 1 | 2 | 3
  /** What a person can do. */
  readonly next: string
}

/** Every error code of the project, pinned: a code never changes its meaning. */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorRow>> = {
${lines.join('\n')}
}

/** Every error code of the project. */
export type ErrorCode =
${sorted.map(([code]) => `  | '${code}'`).join('\n')}
`,
  )
  writeFileSync(
    'docs/errors.md',
    `# Errors\n\nGenerated from \`spec/errors\`. A code is stable for ever; a message is prose.\n\n| code | means | what to do | HTTP | exit | guest sees |\n|---|---|---|---|---|---|\n${sorted
      .map(
        ([code, row]) =>
          `| \`${code}\` | ${row.means} | ${row.next} | ${row.http} | ${row.exit} | ${row.guest === null ? '–' : `\`${row.guest}\``} |`,
      )
      .join('\n')}\n`,
  )
}
