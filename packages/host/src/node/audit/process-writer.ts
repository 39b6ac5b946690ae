import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { AuditWriter } from '../../audit/writer.ts'

const live = new Set<string>()

/**
 * An {@link AuditWriter} among the processes of this machine.
 *
 * A number alone would not do: numbers of processes come back. On Linux the id also holds when the process started;
 * elsewhere a process with the same number counts as alive, and its intents wait for the next start.
 */
export function createProcessWriter(): AuditWriter {
  const id = `${process.pid}:${startOf(process.pid) ?? ''}:${randomUUID()}`
  live.add(id)
  return { id, isAlive, release: () => live.delete(id) }
}

function isAlive(id: string): boolean {
  const [pidText = '', start = ''] = id.split(':')
  const pid = Number(pidText)
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  if (pid === process.pid && start === (startOf(pid) ?? '')) return live.has(id)
  try {
    process.kill(pid, 0)
  } catch (error) {
    // Somebody else's process is there all the same.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return start === '' || startOf(pid) === start
}

function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    // proc_pid_stat(5): the name, in parentheses, may hold anything; `state` follows it, and `starttime` is the 20th from there.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    // A zombie is dead; only its parent has not asked yet.
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined
  }
}
