import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll } from 'vitest'

const made: string[] = []
afterAll(() => Promise.all(made.map((dir) => rm(dir, { recursive: true, force: true }))))

const SDKS = resolve(import.meta.dirname, '../../../sdks')

/** A folder with the SDKs installed and `files` in it, gone when the file's tests are over. */
export async function project(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await emptyFolder()
  await installSdks(dir)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true })
    await writeFile(join(dir, name), text)
  }
  return dir
}

export async function emptyFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'morphee-authoring-'))
  made.push(dir)
  return dir
}

export async function installSdks(dir: string): Promise<void> {
  await mkdir(join(dir, 'node_modules/@morphee'), { recursive: true })
  await symlink(join(SDKS, 'typescript'), join(dir, 'node_modules/@morphee/sdk'))
  await symlink(join(SDKS, 'assemblyscript'), join(dir, 'node_modules/@morphee/sdk-assemblyscript'))
}

/** A manifest with these permissions and actions, whose inputs and outputs are anything. */
export function manifest(permissions: readonly string[], actions: readonly string[]): string {
  return [
    'manifest: 1',
    'name: acme/probe',
    'version: 1.0.0',
    'title: Probe',
    permissions.length === 0 ? 'permissions: []' : 'permissions:',
    ...permissions.map((permission) =>
      permission.startsWith('http:')
        ? `  - ${permission}: { urls: ["https://a.test/**"], reason: Tests }`
        : `  - ${permission}`,
    ),
    'actions:',
    ...actions.map((name) => `  ${name}: { title: T, effect: write, input: {}, output: {} }`),
  ].join('\n')
}
