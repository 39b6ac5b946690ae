import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { tryParseExtensionName } from '@morphee/manifest'
import { AuthoringError } from '../errors.ts'

const TEMPLATES = fileURLToPath(new URL('../../templates/', import.meta.url))
// The suffix keeps tools from taking a template for a part of this package, and npm from leaving `.gitignore` out.
const SUFFIX = '.template'

/** What a new extension is to be. */
export interface NewExtensionOptions {
  /** Folder to make; it may be there if it is empty. */
  readonly dir: string
  /** `publisher/name` */
  readonly name: string
  readonly language: 'typescript' | 'assemblyscript'
}

/**
 * Makes an extension that builds and has a test, and gives the files it wrote, relative to its folder.
 *
 * @throws {@link AuthoringError} `ERR_AUTHORING_NAME_INVALID`, `ERR_AUTHORING_FOLDER_TAKEN`
 */
export async function newExtension({
  dir,
  name,
  language,
}: NewExtensionOptions): Promise<string[]> {
  if (tryParseExtensionName(name) === undefined) {
    throw new AuthoringError(
      'ERR_AUTHORING_NAME_INVALID',
      `Cannot make an extension called ${JSON.stringify(name)}: a name is publisher/name, in lower-case letters, digits and hyphens`,
      { name },
    )
  }
  const folder = resolve(dir)
  if (!(await isFree(folder))) {
    throw new AuthoringError(
      'ERR_AUTHORING_FOLDER_TAKEN',
      `Cannot make an extension in "${dir}": the folder is not empty`,
      {
        folder: dir,
      },
    )
  }
  const source = join(TEMPLATES, language)
  const files = await filesIn(source)
  for (const file of files) await copy(join(source, `${file}${SUFFIX}`), join(folder, file), name)
  return files
}

async function isFree(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0
  } catch (error) {
    return (error as { code?: unknown }).code === 'ENOENT'
  }
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(SUFFIX))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1, -SUFFIX.length))
    .map((file) => file.replaceAll('\\', '/'))
    .toSorted()
}

async function copy(from: string, to: string, name: string): Promise<void> {
  const [, short = ''] = name.split('/')
  const text = await readFile(from, 'utf8')
  await mkdir(dirname(to), { recursive: true })
  await writeFile(to, text.replaceAll('{{name}}', name).replaceAll('{{short}}', short))
}
