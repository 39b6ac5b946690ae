import { quoted } from './quoted.ts'

/** One fault of a manifest, with the place where it can be mended. */
export interface Diagnostic {
  /** Path in the document: `$.actions.search-issues.effect`. */
  readonly path: string
  readonly message: string
  /** Name of the file as the caller gave it, or of the schema file that was inlined. */
  readonly file: string
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 code units. */
  readonly column: number
}

/** Steps from the root of a document: member names and indices. */
export type Path = readonly (string | number)[]

/** Takes one fault at a path; whoever knows the text adds the position. */
export type Report = (path: Path, message: string) => void

/** `path` for people: `$.actions.search-issues.input`, names that are no identifiers in quotes. */
export function formatPath(path: Path): string {
  let text = '$'
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += /^[A-Za-z_][\w-]*$/.test(step) ? `.${step}` : `[${quoted(step, 80)}]`
  }
  return text
}

/** Most diagnostics that one error carries. */
const MAX_DIAGNOSTICS = 100

/** `diagnostics` in the order of the text, and the first of them in words for the end of a message: `: line 3: $.x must …, and 2 more`. */
export function arrange(diagnostics: readonly Diagnostic[]): {
  readonly sorted: readonly Diagnostic[]
  readonly first: string
} {
  const sorted = diagnostics
    .toSorted((a, b) => a.line - b.line || a.column - b.column)
    .slice(0, MAX_DIAGNOSTICS)
  const [first] = sorted
  if (first === undefined) return { sorted, first: '' }
  const more = diagnostics.length > 1 ? `, and ${diagnostics.length - 1} more` : ''
  return { sorted, first: `: line ${first.line}: ${first.path} ${first.message}${more}` }
}
