import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SigningError } from '../errors.ts'

const TRIES = 50
const WAIT_MS = 100

/**
 * Runs `change` while no other process changes the same trust directory: two edits at once could lose a revocation.
 *
 * A lock whose process is gone is taken over.
 *
 * @throws SigningError `ERR_SIGNING_TRUST_BUSY` after five seconds
 */
export async function withTrustLock<T>(directory: string, change: () => Promise<T>): Promise<T> {
  const path = join(directory, '.lock')
  for (let i = 0; !(await tryLock(path)); i++) {
    if (i === TRIES) {
      throw new SigningError(
        'ERR_SIGNING_TRUST_BUSY',
        'Cannot change the trust files: another process is changing them',
        {},
      )
    }
    if ((await isAbandoned(path)) && (await tryTakeOver(path))) continue
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS))
  }
  try {
    return await change()
  } finally {
    await rm(path, { force: true })
  }
}

// One at a time, each looking again: two that saw the same dead owner would remove each other's fresh lock, and both go on.
async function tryTakeOver(path: string): Promise<boolean> {
  const taking = `${path}.takeover`
  if (!(await tryLock(taking))) return false
  try {
    if (await isAbandoned(path)) await rm(path, { force: true })
    return true
  } finally {
    await rm(taking, { force: true })
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(String(process.pid)).finally(() => file.close())
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  const pid = Number(await readFile(path, 'utf8').catch(() => ''))
  // Not written yet: its owner has only just created it.
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
