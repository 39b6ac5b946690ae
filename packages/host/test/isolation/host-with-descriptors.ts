// A host whose own parent left files open: says what it holds, and what the child holds that it started.
import { readdirSync, readlinkSync } from 'node:fs'
import { createProcessCells } from '../../src/node/process/process-cell.ts'

function targets(pid: number | string): string[] {
  const found: string[] = []
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    try {
      found.push(readlinkSync(`/proc/${pid}/fd/${name}`))
    } catch {
      // Closed since the folder was read.
    }
  }
  return found
}

const cell = createProcessCells().open({ onMessage: () => {}, onDeath: () => {} })
await cell.ready
process.stdout.write(JSON.stringify({ host: targets('self'), child: targets(cell.pid as number) }))
await cell.kill()
