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
