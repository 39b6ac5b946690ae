import { type Clock, createId, type Id } from '@morphee/core'
import type { AuditLog } from '../audit/index.ts'
import { HostError } from '../errors.ts'
import { formatPrincipal, type Principal } from '../invocation/principal.ts'
import type { Store } from '../store/index.ts'
import { createSteadyClock, MAX_AHEAD_MS } from './steady-clock.ts'

/** How long a conversation may go on. */
export const MAX_CONVERSATION_MS: number = 7 * 86_400_000

/** What {@link Conversations} works with. */
export interface ConversationServices {
  readonly store: Store
  readonly audit: AuditLog
  readonly clock: Clock
}

/**
 * Conversations that an approval may cover: minted here, each for one principal in one workspace.
 *
 * An id that somebody else made up, that belongs to another principal or workspace, or whose conversation is over, is refused.
 */
export class Conversations {
  readonly #services: ConversationServices

  constructor({ store, audit, clock }: ConversationServices) {
    this.#services = { store, audit, clock: createSteadyClock(clock) }
  }

  /** Begins a conversation; automation has none. @throws `ERR_HOST_CONVERSATION` */
  async open(workspace: string, principal: Principal): Promise<Id<'conversation'>> {
    if (principal.kind === 'automation') throw refused('automation has no conversations')
    const id = createId('conversation')
    const { store, audit, clock } = this.#services
    await store.transaction(async (tx) => {
      await tx.run(
        'INSERT INTO conversation (id, workspace, principal, opened_at) VALUES (?, ?, ?, ?)',
        [id, workspace, formatPrincipal(principal), clock.now()],
      )
      await audit.eventIn(tx, {
        workspace,
        principal: formatPrincipal(principal),
        capability: 'conversation.open',
        target: id,
      })
    })
    return id
  }

  /** Ends a conversation: what was allowed for it is asked again. An unknown one is no error. */
  async close(workspace: string, id: string): Promise<void> {
    await this.#services.store.transaction(async (tx) => {
      await tx.run('DELETE FROM standing_approval WHERE workspace = ? AND conversation = ?', [
        workspace,
        id,
      ])
      await tx.run('DELETE FROM conversation WHERE workspace = ? AND id = ?', [workspace, id])
    })
  }

  /** @throws `ERR_HOST_CONVERSATION` unless the conversation is this principal's, in this workspace, and goes on */
  async assertOpen(workspace: string, principal: Principal, id: string): Promise<void> {
    const [row] = await this.#services.store.read<{ opened_at: number }>(
      'SELECT opened_at FROM conversation WHERE id = ? AND workspace = ? AND principal = ?',
      [id, workspace, formatPrincipal(principal)],
    )
    // One answer for all three: whoever guesses learns nothing about the conversations of others.
    const ageMs = this.#services.clock.now() - Number(row?.opened_at)
    if (row === undefined || ageMs >= MAX_CONVERSATION_MS || ageMs < -MAX_AHEAD_MS)
      throw refused('it is none of this caller in this workspace, or it is over')
  }
}

function refused(reason: string): HostError<'ERR_HOST_CONVERSATION'> {
  return new HostError('ERR_HOST_CONVERSATION', `Cannot use the conversation: ${reason}`, {
    reason,
  })
}
