import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { AuthoringError } from '../../errors.ts'
import { ownPackageFolders } from '../../project/own-package-folders.ts'
import { formatDiagnostic, type SourceDiagnostic } from '../diagnostic.ts'
import type { CompilerAnswer, CompilerOrder } from './compiler-worker.ts'

const SDK = '@morphee/sdk-assemblyscript'
const MAX_STDERR_CHARACTERS = 4096

/** A core module, and the actions that its source declares. */
export interface CompiledCore {
  readonly core: Uint8Array<ArrayBuffer>
  readonly actions: readonly string[]
  readonly diagnostics: readonly SourceDiagnostic[]
}

/** Compiles AssemblyScript in a worker: the compiler ends its process when it crashes, and keeps a lot of memory. */
export async function compileCore(dir: string, entry: string): Promise<CompiledCore> {
  const { core, actions, diagnostics, failure } = await ask({
    dir,
    entry,
    sdk: sdkTransform(dir),
    ownFolders: ownPackageFolders(SDK),
  })
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) {
    throw new AuthoringError(
      'ERR_AUTHORING_SOURCE_INVALID',
      `Cannot compile the extension: ${errors.map(formatDiagnostic).join('; ')}`,
      { diagnostics: errors },
    )
  }
  if (core === undefined) throw toolFailed(failure ?? 'it wrote nothing')
  return { core, actions, diagnostics }
}

function sdkTransform(dir: string): string {
  for (const from of [join(dir, 'package.json'), import.meta.url]) {
    try {
      return pathToFileURL(createRequire(from).resolve(`${SDK}/transform`)).href
    } catch {
      // The next place.
    }
  }
  throw new AuthoringError(
    'ERR_AUTHORING_SDK_MISSING',
    `Cannot build: the folder has no ${SDK}`,
    { package: SDK },
    { hint: `npm install ${SDK}` },
  )
}

async function ask(order: CompilerOrder): Promise<CompilerAnswer> {
  const file = `./compiler-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`
  const worker = new Worker(new URL(file, import.meta.url), {
    workerData: order,
    stdout: true,
    stderr: true,
  })
  let said = ''
  worker.stderr.on('data', (chunk) => (said = `${said}${chunk}`.slice(0, MAX_STDERR_CHARACTERS)))
  try {
    return await new Promise<CompilerAnswer>((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', (error) => reject(toolFailed(String(error), error)))
      worker.once('exit', (code) => reject(toolFailed(`it ended with exit code ${code}`, said)))
    })
  } finally {
    await worker.terminate()
  }
}

function toolFailed(reason: string, cause?: unknown): AuthoringError {
  return new AuthoringError(
    'ERR_AUTHORING_TOOL_FAILED',
    `The AssemblyScript compiler failed: ${reason}`,
    { tool: 'asc' },
    { cause },
  )
}
