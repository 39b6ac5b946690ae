import { readdir } from 'node:fs/promises'
import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import asc from 'assemblyscript/asc'
import type { SourceDiagnostic } from '../diagnostic.ts'
import { SourceReader } from './source-reader.ts'

/** What the worker is to compile. */
export interface CompilerOrder {
  readonly dir: string
  readonly entry: string
  /** URL of the SDK's `transform` module. */
  readonly sdk: string
  /** Where packages are looked for after the extension's own and the SDK's. */
  readonly ownFolders: readonly string[]
}

/** What came of it. */
export interface CompilerAnswer {
  readonly core?: Uint8Array<ArrayBuffer>
  readonly actions: readonly string[]
  readonly diagnostics: readonly SourceDiagnostic[]
  /** Why there is no module, when no diagnostic says it. */
  readonly failure?: string
}

/** The module `@morphee/sdk-assemblyscript/transform`. */
interface SdkTransform {
  readonly createTransforms: (onActions: (names: readonly string[]) => void) => never[]
  readonly packageFolders: readonly string[]
  readonly compilerOptions: readonly string[]
}

interface CompilerDiagnostic {
  readonly message: string
  readonly category: number
  readonly range: {
    readonly start: number
    readonly source: { readonly normalizedPath: string } | null
  } | null
}

const OUT = 'extension.core.wasm'
const WARNING = 2
const ERROR = 3

async function compile({ dir, entry, sdk, ownFolders }: CompilerOrder): Promise<CompilerAnswer> {
  const { createTransforms, packageFolders, compilerOptions } = (await import(sdk)) as SdkTransform
  const reader = new SourceReader(dir, [...packageFolders, ...ownFolders])
  const diagnostics: SourceDiagnostic[] = []
  let core: Uint8Array<ArrayBuffer> | undefined
  let actions: readonly string[] = []
  const { error } = await asc.main(
    [entry, '--baseDir', dir, '-o', OUT, '-Osize', '--noAssert', ...compilerOptions],
    {
      stdout: { write: () => true },
      stderr: { write: () => true },
      readFile: (name) => reader.read(name),
      listFiles: (name) => listSources(resolve(dir, name)),
      writeFile: (name, contents) => {
        if (name === OUT && typeof contents !== 'string') core = Uint8Array.from(contents)
      },
      reportDiagnostic: (diagnostic) => {
        const found = diagnostic as unknown as CompilerDiagnostic
        if (found.category >= WARNING) diagnostics.push(toDiagnostic(found, reader))
      },
      transforms: createTransforms((names) => {
        actions = names
      }),
    },
  )
  return {
    ...(core !== undefined && { core }),
    actions,
    diagnostics,
    ...(error !== null && { failure: error.message }),
  }
}

async function listSources(folder: string): Promise<string[] | null> {
  try {
    return (await readdir(folder)).filter((file) => file.endsWith('.ts'))
  } catch {
    return null
  }
}

function toDiagnostic(
  { message, category, range }: CompilerDiagnostic,
  reader: SourceReader,
): SourceDiagnostic {
  const severity = category === ERROR ? 'error' : 'warning'
  const file = range?.source?.normalizedPath ?? null
  const position =
    range === null || file === null ? undefined : reader.positionOf(file, range.start)
  return { severity, message, file, line: position?.line ?? null, column: position?.column ?? null }
}

// Transforms must share the compiler that runs them, wherever they are installed; some do not even say that they need it.
registerHooks({
  resolve: (specifier, context, next) =>
    /^assemblyscript(\/|$)/.test(specifier)
      ? next(specifier, { ...context, parentURL: import.meta.url })
      : next(specifier, context),
})

parentPort?.postMessage(await compile(workerData as CompilerOrder))
