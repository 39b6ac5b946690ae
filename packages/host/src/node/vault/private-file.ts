import { randomUUID } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { type FileHandle, link, open, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Why a file with a secret in it may not be used. */
export type PrivateFileProblem = 'exposed' | 'not-a-file' | 'unreadable' | 'malformed'

/** Thrown by {@link readPrivateFile}; each owner of such a file translates it. */
export class PrivateFileError extends Error {
  readonly problem: PrivateFileProblem

  constructor(problem: PrivateFileProblem, options?: ErrorOptions) {
    super(`The file is ${problem}`, options)
    this.problem = problem
  }
}

const MAX_BYTES = 4096

/**
 * The text of a file that only its owner can read, or `undefined` when there is none.
 *
 * Everything is asked of the file that was opened, not of its path, which could lead elsewhere a moment later.
 */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  let file: FileHandle
  try {
    file = await open(
      path,
      constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
    )
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new PrivateFileError(code === 'ELOOP' ? 'not-a-file' : 'unreadable', { cause })
  }
  try {
    const stats = await file.stat()
    assertPrivate(stats)
    if (stats.size > MAX_BYTES) throw new PrivateFileError('malformed')
    return await file.readFile('utf8')
  } finally {
    await file.close()
  }
}

/**
 * Writes `text` to a new file with mode 0600: whole or not at all, and never over another.
 *
 * `false` when the file was there already; another process may have been first.
 */
export async function createPrivateFile(path: string, text: string): Promise<boolean> {
  const temporary = `${path}.${randomUUID()}`
  try {
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    try {
      // A link, unlike a rename, fails when the name is taken.
      await link(temporary, path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    } finally {
      await unlink(temporary)
    }
    await syncDirectory(dirname(path))
    return true
  } catch (cause) {
    throw new PrivateFileError('unreadable', { cause })
  }
}

function assertPrivate(stats: Stats): void {
  if (!stats.isFile()) throw new PrivateFileError('not-a-file')
  // Windows has no such modes; a profile directory is private there.
  if (process.platform === 'win32') return
  if ((stats.mode & 0o077) !== 0) throw new PrivateFileError('exposed')
  // Whoever owns the file can change its mode and its content.
  if (stats.uid !== process.getuid?.() && stats.uid !== 0) throw new PrivateFileError('exposed')
}

async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a directory; its journal keeps the name.
  if (process.platform === 'win32') return
  const directory = await open(path, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
