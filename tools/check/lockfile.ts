// A lock entry with the address of a mirror would send every installation there, and names a host nobody else can reach.
import { readFileSync } from 'node:fs'

export function checkLockfile(): string[] {
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<
      string,
      { resolved?: string; integrity?: string; link?: boolean; version?: string }
    >
  }
  const problems: string[] = []
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.resolved !== undefined && /^[a-z+]+:\/\//.test(entry.resolved))
      problems.push(`package-lock.json: ${path} holds the download address ${entry.resolved}`)
    if (path.includes('node_modules/') && !entry.link && entry.integrity === undefined)
      problems.push(`package-lock.json: ${path} has no integrity`)
  }
  return problems
}
