import { chmod, link, lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { HostError } from '../errors.ts'

/** Which kind of host a data directory belongs to. */
export type HomeKind = 'signed' | 'development'

const MARKER = 'host-kind'

/**
 * Opens a data directory, private to its owner, or makes it.
 *
 * A directory belongs to one kind of host for ever: a development host never gets the keys and connections of a real one.
 *
 * @throws `ERR_HOST_HOME`
 */
export async function openHome(path: string, kind: HomeKind): Promise<void> {
  await makeDirectory(resolve(path))
  const entry = await lstat(path)
  if (!entry.isDirectory()) throw refused(kind, 'something that is no directory')
  if (process.platform !== 'win32' && (entry.mode & 0o077) !== 0) await chmod(path, 0o700)
  const marker = join(path, MARKER)
  const found = await claim(marker, kind)
  if (found === kind) return
  throw refused(
    kind,
    found === 'signed' || found === 'development'
      ? `the home of a ${found} host`
      : 'an unknown marker',
  )
}

// Written aside and linked into place: a process that is killed in between, or another that looks meanwhile, finds no half a
// marker, which would lock the directory for ever.
async function claim(marker: string, kind: HomeKind): Promise<string> {
  const aside = `${marker}.${crypto.randomUUID()}`
  try {
    await writeFile(aside, `${kind}\n`, { flag: 'wx', mode: 0o600 })
    await link(aside, marker)
    return kind
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error
    return (await readFile(marker, 'utf8')).trim()
  } finally {
    await rm(aside, { force: true })
  }
}

function refused(kind: HomeKind, found: string): HostError<'ERR_HOST_HOME'> {
  return new HostError(
    'ERR_HOST_HOME',
    `Cannot open the data directory for a ${kind} host: it is ${found}`,
    { expected: kind, found },
  )
}

// Step by step, because Node's own recursive mkdir never returns below a folder that takes no entries, such as /proc.
async function makeDirectory(path: string): Promise<void> {
  if (await tryMakeDirectory(path)) return
  const parent = dirname(path)
  if (parent !== path) await makeDirectory(parent)
  await mkdir(path, { mode: 0o700 }).catch(ignoreExisting)
}

/** Whether the directory is there now; `false` when its parent is not. */
async function tryMakeDirectory(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return false
    ignoreExisting(error)
  }
  return true
}

function ignoreExisting(error: unknown): void {
  if ((error as { code?: string }).code !== 'EEXIST') throw error
}
