/** Programs that others wrote and that judge ours: installed once by `go install`, kept beside Go's own build cache. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
// Compiling the largest of them takes half a minute; a machine without a network gives up long before this.
const INSTALL_TIMEOUT_MS = 240_000

/** Path of the program that `go install module@version` makes, or why there is none. */
export async function goTool(
  module: string,
  version: string,
): Promise<{ readonly path: string } | { readonly missing: string }> {
  const name = process.platform === 'win32' ? `${basename(module)}.exe` : basename(module)
  try {
    const cache = (await run('go', ['env', 'GOCACHE'])).stdout.trim()
    const home = join(dirname(cache), 'morphee-tools')
    const path = join(home, `${version}-${name}`)
    if (existsSync(path)) return { path }
    await mkdir(home, { recursive: true })
    const bin = await mkdtemp(join(home, 'install-'))
    try {
      await run('go', ['install', `${module}@${version}`], {
        env: { ...process.env, GOBIN: bin },
        timeout: INSTALL_TIMEOUT_MS,
      })
      await rename(join(bin, name), path)
    } finally {
      await rm(bin, { recursive: true, force: true })
    }
    return { path }
  } catch (error) {
    const [line = 'unknown'] = String(error instanceof Error ? error.message : error).split('\n')
    return { missing: line }
  }
}
