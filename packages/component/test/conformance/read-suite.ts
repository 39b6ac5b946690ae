import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SuiteFolder } from './run.ts'

const SUITE = join(
  dirname(fileURLToPath(import.meta.url)),
  '../../../../../shared/conformance/component-model',
)

/** The folders of the specification's own suite; none where it does not lie beside the repository. */
export function suiteFolders(): string[] {
  if (!existsSync(SUITE)) return []
  return readdirSync(SUITE, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
}

/** The files of one of {@link suiteFolders}. */
export function readSuiteFolder(name: string): SuiteFolder {
  if (!suiteFolders().includes(name)) throw new TypeError(`The suite has no folder ${name}`)
  const files = readdirSync(join(SUITE, name)).filter((file) => /\.(json|wasm)$/.test(file))
  return new Map(files.map((file) => [file, new Uint8Array(readFileSync(join(SUITE, name, file)))]))
}
