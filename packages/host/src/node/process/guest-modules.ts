import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The source of a program, so that it can run where no file can be read. */
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

// The formatter writes them one way: at the start of a line, in single quotes.
const STATIC_IMPORT = /^(?:import|export)\b[^;'"()=]*?'([^']+)'/gm

/** Reads a module of ours as Node would run it: without types. */
export function readModule(url: URL): string {
  const text = readFileSync(url, 'utf8')
  return url.pathname.endsWith('.ts') ? stripTypeScriptTypes(text) : text
}

/**
 * Collects a module of ours with everything that it imports statically.
 *
 * @throws TypeError for an import of a package that is not one of ours
 */
export function bundleModules(entry: URL): ModuleBundle {
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
  return { entry: visit(entry), modules }
}

function resolve(specifier: string, from: URL): URL {
  if (specifier.startsWith('.')) return new URL(specifier, from)
  if (!specifier.startsWith('@morphee/'))
    throw new TypeError(`A guest's process cannot import ${specifier}`)
  return new URL(import.meta.resolve(specifier))
}
