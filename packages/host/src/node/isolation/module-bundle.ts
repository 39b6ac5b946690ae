import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The source of a program, so that it starts fast and can run where no file can be read. */
export interface ModuleBundle {
  readonly entry: string
  readonly modules: readonly BundledModule[]
}

export interface BundledModule {
  /** Where it stands in a stack trace: its file's name, and nothing of where the host keeps it. */
  readonly name: string
  readonly source: string
  /** What each specifier in it names; Node's own modules are left out. */
  readonly imports: Readonly<Record<string, string>>
}

/** A program and what it takes to run it. */
export interface Program {
  /** Source of the first module, which imports nothing of ours; it is given `runner` and `bundle`. */
  readonly boot: string
  /** A `data:` address of `run-bundle.ts`. */
  readonly runner: string
  readonly bundle: ModuleBundle
}

/** What a boot module is given to begin with. */
export type StartedProgram = Pick<Program, 'runner' | 'bundle'>

/** Collects the program `main`, which is started by `boot`. */
export function createProgram(boot: URL, main: URL): Program {
  return {
    boot: readModule(boot),
    runner: toDataUrl(readModule(ownModule('./run-bundle', import.meta.url))),
    bundle: bundleModules(main),
  }
}

/** A module beside the one at `from`, whether sources or what is built of them run. */
export function ownModule(path: string, from: string): URL {
  return new URL(`${path}.${from.endsWith('.ts') ? 'ts' : 'js'}`, from)
}

export function toDataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`
}

// The formatter writes them one way: at the start of a line, in single quotes.
const NAMES = String.raw`(?:\* as \w+|\*|\{[\w\s,$]*\}|\w+)`
const STATIC_IMPORT = new RegExp(
  String.raw`^(?:import|(?:import|export)\s+${NAMES}\s+from)\s+'([^']+)'`,
  'gm',
)

/**
 * Collects a module of ours with everything that it imports statically.
 *
 * @throws TypeError for an import of a package that is not one of ours
 */
function bundleModules(main: URL): ModuleBundle {
  const names = new Map<string, string>()
  const modules: BundledModule[] = []
  const visit = (url: URL): string => {
    const known = names.get(url.href)
    if (known !== undefined) return known
    const name = `morphee:${names.size}/${basename(fileURLToPath(url))}`
    names.set(url.href, name)
    const source = readModule(url)
    const imports: Record<string, string> = {}
    for (const [, specifier = ''] of source.matchAll(STATIC_IMPORT)) {
      if (specifier.startsWith('node:')) continue
      imports[specifier] = visit(resolve(specifier, url))
    }
    modules.push({ name, source, imports })
    return name
  }
  return { entry: visit(main), modules }
}

/** Reads a module of ours as Node would run it: without types. */
function readModule(url: URL): string {
  const text = readFileSync(url, 'utf8')
  if (!url.pathname.endsWith('.ts')) return text
  // Node strips these very types itself without a word, but calls it an experiment where a program does.
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return stripTypeScriptTypes(text)
  } finally {
    process.emitWarning = emitWarning
  }
}

function resolve(specifier: string, from: URL): URL {
  if (specifier.startsWith('.')) return new URL(specifier, from)
  if (!specifier.startsWith('@morphee/'))
    throw new TypeError(`What guests run in cannot import ${specifier}`)
  return new URL(import.meta.resolve(specifier))
}
