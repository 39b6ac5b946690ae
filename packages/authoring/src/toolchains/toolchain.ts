import type { Manifest } from '@morphee/manifest'
import type { FunctionSet } from '../wit/world.ts'
import type { SourceDiagnostic } from './diagnostic.ts'

/** Says what is being done, before it is done. */
export type Step = <Result>(name: string, work: () => Promise<Result>) => Promise<Result>

/** What a toolchain compiles. */
export interface CompileRequest {
  /** The extension's folder, absolute. */
  readonly dir: string
  readonly manifest: Manifest
  /** Functions that the manifest asks for or that every extension may call. */
  readonly permitted: FunctionSet
  readonly step: Step
  /** What the script's top level may take, where it is run by the build. */
  readonly maxLoadMs?: number
}

/** What comes out of it. */
export interface Compiled {
  /** A component without a manifest. */
  readonly component: Uint8Array
  /** Warnings; an error is thrown. */
  readonly diagnostics: readonly SourceDiagnostic[]
}

/** One language's way from source to component. */
export interface Toolchain {
  readonly language: 'typescript' | 'assemblyscript'
  /** The file by which an extension of this language is known. */
  readonly entry: string
  compile(request: CompileRequest): Promise<Compiled>
}
