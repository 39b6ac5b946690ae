import type { ApprovalState } from './approval.ts'
import type { LimitedServices } from './approval-services.ts'
import { type ApprovalRow, committed, moveApproval, rowsInStates } from './approval-table.ts'
import { recordStored } from './record-approval.ts'
import { MAX_AHEAD_MS } from './steady-clock.ts'

const WAITING: readonly ApprovalState[] = ['pending', 'allowed']
const LEFT: readonly ApprovalState[] = ['interrupted', 'leased']

/**
 * Marks what waited in processes that are gone as interrupted, and says how many; what was left over for too long is expired.
 *
 * Called before anything is asked, listed or answered: another process may have died meanwhile.
 */
export async function recoverApprovals({
  store,
  writer,
  clock,
  audit,
  limits,
}: LimitedServices): Promise<number> {
  const from = committed(store)
  const orphans = (await rowsInStates(from, WAITING)).filter(
    (row) => row.writer !== writer.id && !writer.isAlive(row.writer),
  )
  const stale = (await rowsInStates(from, LEFT)).filter((row) => isStale(row, clock.now()))
  if (orphans.length + stale.length === 0) return 0
  return store.transaction(async (tx) => {
    let interrupted = 0
    for (const row of orphans) {
      if (!(await moveApproval(tx, row.id, WAITING, 'interrupted'))) continue
      interrupted++
      await tx.run('UPDATE approval SET expires_at = ? WHERE id = ?', [
        clock.now() + limits.interruptedMs,
        row.id,
      ])
      await recordStored(audit, tx, row, 'interrupted')
    }
    for (const row of stale)
      if (await moveApproval(tx, row.id, LEFT, 'expired'))
        await recordStored(audit, tx, row, 'expired')
    return interrupted
  })
}

// One from the future was left before the clock was set back, and nobody knows for how long.
function isStale({ expires_at, asked_at, answered_at }: ApprovalRow, now: number): boolean {
  const latest = Math.max(Number(asked_at), Number(answered_at ?? 0))
  return Number(expires_at) <= now || latest > now + MAX_AHEAD_MS
}
