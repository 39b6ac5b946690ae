// A host that ends while a child process of it is held; prints the child's pid before.
import { createProcessCells } from '../../src/node/process/process-cell.ts'

// Nothing of the operating system ends the child with its host then.
const sandbox = { prefix: () => [], description: 'no OS sandbox' }
const cell = createProcessCells({ sandbox }).open({ onMessage: () => {}, onDeath: () => {} })
await cell.ready
cell.hold?.(() => {})
process.stdout.write(String(cell.pid), () => process.exit(0))
