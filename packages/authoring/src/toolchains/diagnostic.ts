/** One thing that a compiler says about the author's source. */
export interface SourceDiagnostic {
  readonly severity: 'error' | 'warning'
  readonly message: string
  /** Path from the extension's folder, or null when the compiler named no place. */
  readonly file: string | null
  /** From 1. */
  readonly line: number | null
  /** From 1. */
  readonly column: number | null
}

/** `src/main.ts:3:14: message`, as editors and terminals link it. */
export function formatDiagnostic({ file, line, column, message }: SourceDiagnostic): string {
  const place = [file, line, column].filter((part) => part !== null).join(':')
  return place === '' ? message : `${place}: ${message}`
}
