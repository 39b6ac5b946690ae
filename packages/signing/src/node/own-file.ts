import { constants } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { randomUUID } from 'node:crypto'
import { basename, dirname } from 'node:path'
import { SigningError } from '../errors.ts'

/**
 * Reads a file that must be its owner's alone. Checks and reads the same open file, so nothing can be swapped in between.
 *
 * @throws SigningError `ERR_SIGNING_KEY_EXPOSED`, `ERR_SIGNING_KEY_INVALID`
 */
export async function readOwnFile(path: string, maxBytes: number): Promise<Buffer> {
  const file = await open(
    path,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
  ).catch((cause: unknown) => {
    throw invalid('it cannot be opened, or is a symbolic link', cause)
  })
  try {
    const { mode, size, uid } = await file.stat()
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw invalid('it is not a regular file')
    const own = process.getuid?.()
    // Windows has no such bits; there the folder of the user's profile protects the file.
    if (own !== undefined && ((mode & 0o077) !== 0 || uid !== own)) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0')
      throw new SigningError(
        'ERR_SIGNING_KEY_EXPOSED',
        'Cannot use the key file: others than its owner may read or change it',
        { mode: octal },
        { hint: 'Make it yours alone (chmod 600) and, if it was exposed, revoke the key' },
      )
    }
    if (size > maxBytes) throw invalid(`it is larger than ${maxBytes} bytes`)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

/**
 * Writes a file that must not be there yet.
 *
 * @throws SigningError `ERR_SIGNING_FILE_EXISTS`
 */
export async function writeNewFile(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode).catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause
    const name = basename(path)
    throw new SigningError(
      'ERR_SIGNING_FILE_EXISTS',
      `Cannot write "${name}": it is there already`,
      { file: name },
    )
  })
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Replaces a file whole: readers see the old text or the new, also after a crash. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const partial = `${path}.${randomUUID()}.partial`
  try {
    await writeNewFile(partial, text, 0o600)
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
  await syncDirectory(dirname(path))
}

async function syncDirectory(path: string): Promise<void> {
  // Windows cannot open a directory; there a rename is durable when it returns.
  if (process.platform === 'win32') return
  const directory = await open(path, constants.O_RDONLY)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

function invalid(reason: string, cause?: unknown): SigningError {
  return new SigningError(
    'ERR_SIGNING_KEY_INVALID',
    `Cannot use this key file: ${reason}`,
    { reason },
    { cause },
  )
}
