// A fault in the inside of a cell that has neither a thread nor a process to end.
import { expect, it, vi } from 'vitest'
import type { ToGuest } from '../../src/node/isolation/protocol.ts'
import { createThreadCells } from '../../src/node/thread/thread-cell.ts'

it('ends a cell in the host, and not the host, when its inside fails', async () => {
  const cells = createThreadCells()
  const onDeath = vi.fn<(death: { readonly cause: Error }) => void>()
  const cell = cells.open({ onMessage: () => {}, onDeath })
  await cell.ready
  // No host writes this; it stands for any fault of the code between a guest and its cell.
  cell.post({ kind: 'code' } as ToGuest, 1000)
  await vi.waitFor(() => expect(onDeath).toHaveBeenCalledOnce())
  expect(onDeath.mock.calls[0]?.[0].cause).toBeInstanceOf(TypeError)
  await cell.kill()
  await cells.close?.()
})
