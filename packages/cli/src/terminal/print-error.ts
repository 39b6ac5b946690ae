import { cleanLine, cleanText, ERROR_TABLE, type ErrorCode, isPlatformError } from '@morphee/core'
import type { CommandLine } from '../command-line.ts'
import type { Terminal } from './terminal.ts'

interface Diagnostic {
  readonly message: string
  readonly file?: string | null
  readonly line?: number | null
  readonly column?: number | null
  readonly path?: string
}

/**
 * Tells a person, or a program with `--json`, what went wrong: what, why, what next.
 *
 * @returns the exit code: 1 refused or failed, 2 usage, 3 could not tell
 */
export function printError(terminal: Terminal, commandLine: CommandLine, error: unknown): number {
  const fileProblem = isPlatformError(error) ? undefined : tryExplainFileError(error)
  if (fileProblem !== undefined) {
    terminal.result({ error: { code: 'usage', message: fileProblem } })
    terminal.note(`${terminal.bad('Error:')} ${fileProblem}`)
    return 2
  }
  if (!isPlatformError(error)) {
    const message = error instanceof Error ? error.message : String(error)
    terminal.result({ error: { code: 'ERR_INTERNAL', message } })
    terminal.note(`${terminal.bad('Error:')} ${cleanText(message, 2000)}`)
    if (error instanceof Error && error.stack !== undefined)
      terminal.note(terminal.dim(error.stack.split('\n').slice(1, 6).join('\n')))
    terminal.note('This is a bug in morphee; please report it with the lines above.')
    return 3
  }
  const row = ERROR_TABLE[error.code as ErrorCode] as (typeof ERROR_TABLE)[ErrorCode] | undefined
  const hint = error.hint ?? row?.next
  const next = hint === undefined ? undefined : namedIn(commandLine.inText(hint), error.details)
  terminal.result({
    error: {
      code: error.code,
      message: error.message,
      details: error.details,
      ...(next === undefined ? {} : { next }),
    },
  })
  terminal.note(
    `${terminal.bad('Error:')} ${cleanText(error.message, 4000)}  ${terminal.dim(`[${error.code}]`)}`,
  )
  const lines = diagnosticLines(error.details)
  // A single diagnostic that the message has quoted is not said twice.
  const quoted = lines.length === 1 && error.message.endsWith(lines[0]?.split('  ').at(-1) ?? '')
  if (!quoted) for (const line of lines) terminal.note(`  ${line}`)
  if (next !== undefined) terminal.note(`${terminal.dim('→')} ${next}`)
  return row?.exit ?? 1
}

// Names are publisher/name, so nothing that a shell would take for something else.
function namedIn(hint: string, details: unknown): string {
  const { extension } = (details ?? {}) as { readonly extension?: unknown }
  return typeof extension === 'string' && /^[a-z0-9-]+\/[a-z0-9-]+$/.test(extension)
    ? hint.replaceAll(/\bNAME\b/g, extension)
    : hint
}

const FILE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'There is no file or folder',
  EACCES: 'There is no right to use',
  EISDIR: 'A file was expected, and this is a folder:',
  ENOTDIR: 'A folder was expected in',
  EEXIST: 'There is already a file',
  EROFS: 'The file system cannot be written at',
  EPERM: 'There is no right to use',
  ENOSPC: 'There is no space left for',
}

function tryExplainFileError(error: unknown): string | undefined {
  const { code, path } = error as { readonly code?: unknown; readonly path?: unknown }
  if (typeof code !== 'string' || typeof path !== 'string' || !Object.hasOwn(FILE_PROBLEMS, code))
    return undefined
  return `${FILE_PROBLEMS[code]} "${cleanLine(path, 300)}"`
}

const isSaid = (part: string | undefined): boolean => part !== undefined && part !== ''

function diagnosticLines(details: unknown): string[] {
  if (details === null || typeof details !== 'object') return []
  const { diagnostics, issues, problems } = details as {
    diagnostics?: readonly Diagnostic[]
    issues?: readonly { path: string; message: string }[]
    problems?: readonly string[]
  }
  return [
    ...(diagnostics ?? []).map(({ file, line, column, path, message }) => {
      const place = [file, line, column]
        .filter((part) => part !== undefined && part !== null)
        .join(':')
      // What is missing stands at the place of its parent: only the path says which field it is.
      return [place, [path, cleanText(message, 500)].filter(isSaid).join(' ')]
        .filter(isSaid)
        .join('  ')
    }),
    ...(issues ?? []).map(
      ({ path, message }) => `${path === '' ? 'input' : path}: ${cleanText(message, 500)}`,
    ),
    ...(problems ?? []).map((problem) => cleanText(problem, 500)),
  ]
}
