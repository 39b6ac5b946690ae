import {
  build,
  type BuildFailure,
  type BuildOptions,
  type Message,
  type Metafile,
  type Plugin,
} from 'esbuild'
import { AuthoringError } from '../../errors.ts'
import { ownPackageFolders } from '../../project/own-package-folders.ts'
import type { FunctionSet } from '../../wit/world.ts'
import { formatDiagnostic, type SourceDiagnostic } from '../diagnostic.ts'
import { hostModules, usedFunctions } from './host-modules.ts'

/** One file for QuickJS. */
export interface Bundle {
  readonly text: string
  readonly used: FunctionSet
  readonly diagnostics: readonly SourceDiagnostic[]
}

// What authors expect of an engine and QuickJS lacks. A free name that one of these modules exports becomes an import of it;
// one module each, so that a bundle holds and imports only what is used.
const GLOBALS = [
  'console',
  'crypto',
  'date',
  'fetch',
  'math-random',
  'performance',
  'structured-clone',
  'text-decoder',
  'text-encoder',
  'timers',
  'url',
  'url-search-params',
]

const OPTIONS = {
  bundle: true,
  format: 'esm',
  target: 'es2023',
  // None of esbuild's platforms has what a guest has.
  platform: 'neutral',
  mainFields: ['module', 'main'],
  conditions: ['@morphee/source', 'module', 'import'],
  treeShaking: true,
  legalComments: 'none',
  charset: 'utf8',
  write: false,
  metafile: true,
  logLevel: 'silent',
} satisfies BuildOptions

// QuickJS runs no jobs of its own promises in a synchronous component: these become generators on the SDK's.
const LOWERED = {
  'async-await': false,
  'async-generator': false,
  'for-await': false,
  'top-level-await': false,
}

/**
 * Bundles `src/main.ts` with the SDK's runtime in front of it and the component's exports behind.
 *
 * In two passes, because esbuild initialises what it injects once more from each CommonJS module: the first makes one ES module of
 * the author's code and its dependencies, the second puts the SDK under it.
 */
export async function bundle(
  dir: string,
  actions: readonly string[],
  handlesEvents: boolean,
  permitted: FunctionSet,
): Promise<Bundle> {
  try {
    const author = await build({
      ...OPTIONS,
      absWorkingDir: dir,
      entryPoints: ['./src/main.ts'],
      external: ['@morphee/sdk', '@morphee/sdk/*'],
    })
    const whole = await build({
      ...OPTIONS,
      absWorkingDir: dir,
      nodePaths: ownPackageFolders('@morphee/sdk'),
      stdin: {
        contents: entryText(actions, handlesEvents),
        resolveDir: dir,
        sourcefile: 'morphee-entry.js',
      },
      supported: LOWERED,
      minifySyntax: true,
      inject: GLOBALS.map((name) => `@morphee/sdk/globals/${name}`),
      plugins: [authorModule(author.outputFiles[0]?.text ?? '', dir), hostModules(permitted)],
    })
    return {
      text: whole.outputFiles[0]?.text ?? '',
      used: usedFunctions(bytesOfInputs(whole.metafile)),
      diagnostics: author.warnings.map((message) => toDiagnostic(message, 'warning')),
    }
  } catch (error) {
    throw toAuthoringError(error)
  }
}

const AUTHOR_MODULE = 'morphee-author'

function entryText(actions: readonly string[], handlesEvents: boolean): string {
  return [
    "import '@morphee/sdk/runtime/install'",
    "import { createActions, createEventHandler } from '@morphee/sdk/runtime'",
    `import * as main from '${AUTHOR_MODULE}'`,
    `export const actions = createActions(main, ${JSON.stringify(actions)}, ${handlesEvents})`,
    handlesEvents ? 'export const eventHandler = createEventHandler(main)' : '',
  ].join('\n')
}

function authorModule(contents: string, resolveDir: string): Plugin {
  return {
    name: 'morphee-author-module',
    setup(builder) {
      builder.onResolve({ filter: new RegExp(`^${AUTHOR_MODULE}$`) }, () => ({
        path: 'src/main.js',
        namespace: AUTHOR_MODULE,
      }))
      builder.onLoad({ filter: /.*/, namespace: AUTHOR_MODULE }, () => ({
        contents,
        resolveDir,
        loader: 'js',
      }))
    },
  }
}

function bytesOfInputs({ outputs }: Metafile): [string, number][] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).map(([path, { bytesInOutput }]): [string, number] => [
      path,
      bytesInOutput,
    ]),
  )
}

function toAuthoringError(error: unknown): unknown {
  const messages = (error as Partial<BuildFailure>).errors
  if (!Array.isArray(messages)) return error
  if (messages.some(({ text }) => /Could not resolve "@morphee\/sdk["/]/.test(text))) {
    return new AuthoringError(
      'ERR_AUTHORING_SDK_MISSING',
      'Cannot build: the folder has no @morphee/sdk',
      { package: '@morphee/sdk' },
      { hint: 'npm install @morphee/sdk' },
    )
  }
  const diagnostics = messages.map((message) => toDiagnostic(message, 'error'))
  return new AuthoringError(
    'ERR_AUTHORING_SOURCE_INVALID',
    `Cannot compile the extension: ${diagnostics.map(formatDiagnostic).join('; ')}`,
    { diagnostics },
  )
}

function toDiagnostic(
  { text, location }: Message,
  severity: SourceDiagnostic['severity'],
): SourceDiagnostic {
  return {
    severity,
    message: text,
    file: location?.file ?? null,
    line: location?.line ?? null,
    // esbuild counts columns from 0.
    column: location === null ? null : location.column + 1,
  }
}
