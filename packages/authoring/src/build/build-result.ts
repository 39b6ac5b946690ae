import type { Manifest } from '@morphee/manifest'
import type { SourceDiagnostic } from '../toolchains/diagnostic.ts'
import type { SectionSize } from './section-report.ts'

/** A built extension. */
export interface BuildResult {
  /** The whole artifact: component and manifest in one. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where it was written. */
  readonly file: string
  readonly manifest: Manifest
  readonly language: 'typescript' | 'assemblyscript'
  /** Bytes of the component before the manifest went in. */
  readonly componentSize: number
  /** The contract's functions that the binary imports: `http.read`. */
  readonly imports: readonly string[]
  /** What the bytes are, largest first. */
  readonly sections: readonly SectionSize[]
  /** Milliseconds by step, in the order in which they ran. */
  readonly durationMs: Readonly<Record<string, number>>
  /** Warnings of the compiler. */
  readonly diagnostics: readonly SourceDiagnostic[]
}

/** What to do besides building. */
export interface BuildOptions {
  /** File to write. @default `build/<name>.wasm` in the extension's folder */
  readonly out?: string
  /** What the top level of a TypeScript extension may take while the build runs it. @default 60 000 */
  readonly maxLoadMs?: number
  /** Told of each step before it begins. */
  readonly onProgress?: (step: string) => void
}
