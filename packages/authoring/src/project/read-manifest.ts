import { readFileSync, realpathSync } from 'node:fs'
import { readFile, realpath } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { type Manifest, parseManifestYaml } from '@morphee/manifest'
import { AuthoringError } from '../errors.ts'

const FILE = 'extension.yaml'

/** Reads `extension.yaml` with the schema files it names. @throws what `parseManifestYaml` throws, with every fault of it */
export async function readManifest(dir: string): Promise<Manifest> {
  const root = await realpath(dir)
  let text: string
  try {
    text = await readFile(join(root, FILE), 'utf8')
  } catch (cause) {
    throw new AuthoringError(
      'ERR_AUTHORING_MANIFEST_MISSING',
      `Cannot build: the folder has no ${FILE}`,
      { file: FILE },
      { cause },
    )
  }
  return parseManifestYaml(text, {
    fileName: FILE,
    readFile: (path) => {
      try {
        const file = realpathSync(join(root, path))
        // A manifest of somebody else's project must not read the files beside it, by a link neither.
        return file.startsWith(root + sep) ? readFileSync(file, 'utf8') : undefined
      } catch {
        return undefined
      }
    },
  })
}
