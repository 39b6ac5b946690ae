import { readdirSync, readFileSync } from 'node:fs'

/** Pids of the children of this process; none where there is no `/proc` to look at. */
export function children(): string[] {
  if (process.platform !== 'linux') return []
  const found: string[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const [, parent] = /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8')) ?? []
      if (Number(parent) === process.pid) found.push(name)
    } catch {
      // It ended since the folder was read.
    }
  }
  return found
}
