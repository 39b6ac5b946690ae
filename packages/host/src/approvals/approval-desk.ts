// Questions to people, kept in the store. What asks (ApprovalDesk.ask) and what answers (ApprovalDesk.inbox) are two objects:
// the host hands the first to capabilities and the second to nobody but its embedder.
import { type Clock, createId, type Digest, type Id, type JsonObject } from '@morphee/core'
import type { AuditLog, AuditWriter } from '../audit/index.ts'
import { HostError } from '../errors.ts'
import { formatPrincipal } from '../invocation/principal.ts'
import type { PersonWaits } from '../invocation/person-waits.ts'
import type { Store, Transaction } from '../store/index.ts'
import type {
  Answer,
  AnswerRequest,
  Approval,
  ApprovalInbox,
  ApprovalState,
  ApprovalSurface,
  Approver,
  StandingApproval,
} from './approval.ts'
import {
  type ApprovalRow,
  changed,
  findApproval,
  findStanding,
  insertApproval,
  listStanding,
  moveApproval,
  rowsInStates,
  toApproval,
  toStanding,
} from './approval-table.ts'
import { assertMayAnswer } from './may-answer.ts'
import {
  encodeQuestion,
  type EncodedQuestion,
  MAX_QUESTION_BYTES,
  type Question,
} from './question.ts'

/** How long and how much may wait. */
export interface ApprovalLimits {
  /** Unanswered for so long is refused. All waits of one call together are no longer. @default 10 minutes */
  readonly timeoutMs: number
  /** How long a yes after a restart waits for the identical call. @default 15 minutes */
  readonly leaseMs: number
  /** How long an interrupted question can still be answered. @default 24 hours */
  readonly interruptedMs: number
  /** @default 100 */
  readonly pendingPerWorkspace: number
  /** @default 20 */
  readonly pendingPerExtension: number
}

const DEFAULT_LIMITS: ApprovalLimits = {
  timeoutMs: 600_000,
  leaseMs: 900_000,
  interruptedMs: 86_400_000,
  pendingPerWorkspace: 100,
  pendingPerExtension: 20,
}

/** What {@link ApprovalDesk} works with. */
export interface ApprovalServices {
  readonly store: Store
  readonly audit: AuditLog
  readonly clock: Clock
  /** Tells calls that wait from those whose process is gone. */
  readonly writer: AuditWriter
  /** @default nobody to ask */
  readonly surface?: ApprovalSurface | undefined
  readonly limits?: Partial<ApprovalLimits> | undefined
}

/** A question with the call that waits for it. */
export interface AskRequest {
  readonly question: Question
  readonly invocation: string
  /** Milliseconds that the call has left. */
  readonly remainingMs: number
  /** Missing where the time of the call goes on. */
  readonly waits?: PersonWaits | undefined
  /** Aborts when the call is over; an answer after that counts for nothing. */
  readonly signal: AbortSignal
}

/** Whether the effect may happen, and if not, why not. */
export type AskOutcome =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly reason: string }

const ALLOWED: AskOutcome = { kind: 'allowed' }
const POLL_MS = 200
// Answered a little before the call's own time is up, so that the guest can still say what it did not do.
const MARGIN_MS = 1000
const KEPT_MS = 30 * 86_400_000
const MAX_UNTIL_MS = 366 * 86_400_000
const WAITING: readonly ApprovalState[] = ['pending', 'allowed']
const OPEN: readonly ApprovalState[] = ['pending', 'interrupted']

/** Asks people about exact effects: stored, bounded, answered from any process on the same store. */
export class ApprovalDesk {
  /** The answering side. */
  readonly inbox: ApprovalInbox
  readonly #services: ApprovalServices
  readonly #limits: ApprovalLimits
  readonly #waiting = new Map<string, () => void>()
  #poll: ReturnType<typeof setTimeout> | undefined

  constructor(services: ApprovalServices) {
    this.#services = services
    this.#limits = { ...DEFAULT_LIMITS, ...services.limits }
    this.inbox = Object.freeze<ApprovalInbox>({
      list: (workspace) => this.#list(workspace),
      show: async (workspace, id) => toApproval(await this.#find(workspace, id)),
      answer: (request) => this.#answer(request),
      standing: async (workspace) =>
        (await listStanding(this.#committed, workspace, services.clock.now())).map(toStanding),
      revoke: (workspace, id, by) => this.#revoke(workspace, id, by),
    })
  }

  /**
   * Asks about one effect and waits for the answer.
   *
   * An earlier yes that covers it, or the lease of an interrupted identical call, answers at once.
   *
   * @throws `ERR_HOST_LIMIT` when too many questions wait already
   */
  async ask(request: AskRequest): Promise<AskOutcome> {
    let endWait: (() => void) | undefined
    const beginWait = (): number => {
      const { waits, remainingMs } = request
      const { timeoutMs } = this.#limits
      const leftMs = timeoutMs - (waits?.waitedMs() ?? 0)
      if (leftMs > 0) endWait ??= waits?.tryBegin()
      // Where time goes on, it is answered before the call's own is up.
      const waitMs = endWait === undefined ? Math.min(timeoutMs, remainingMs - MARGIN_MS) : leftMs
      return Math.max(1, waitMs)
    }
    try {
      return await this.#ask(request, beginWait)
    } finally {
      endWait?.()
    }
  }

  async #ask(
    { question, invocation, signal }: AskRequest,
    beginWait: () => number,
  ): Promise<AskOutcome> {
    const encoded = await encodeQuestion(question)
    if (encoded.bytes.length > MAX_QUESTION_BYTES)
      return refused('it is too large for a person to read')
    const { store, surface, clock } = this.#services
    const now = clock.now()
    const id = createId('approval')
    if (surface !== undefined) await this.recover()
    const unasked: ApprovalRow = {
      id,
      workspace: question.workspace,
      extension: question.extension,
      invocation,
      conversation: question.conversation,
      digest: encoded.digest,
      subject: encoded.subject,
      question: encoded.bytes,
      state: 'pending',
      writer: this.#services.writer.id,
      asked_at: now,
      expires_at: now,
      answered_by: null,
    }
    const row = await store.transaction(async (tx) => {
      if (await this.#coveredAlready(tx, unasked, question, encoded)) return 'covered'
      if (surface === undefined) return 'nobody'
      await this.#assertRoom(tx, unasked)
      await tx.run(
        "DELETE FROM approval WHERE asked_at < ? AND state NOT IN ('pending', 'allowed')",
        [now - KEPT_MS],
      )
      await this.#supersede(tx, unasked, question)
      const pending = { ...unasked, expires_at: now + beginWait() }
      await insertApproval(tx, pending)
      await this.#record(tx, pending, question, 'asked', formatPrincipal(question.principal))
      return pending
    })
    if (row === 'covered') return ALLOWED
    if (row === 'nobody' || surface === undefined) return refused('there is nobody to ask')
    const shown = await toApproval(row)
    const over = new AbortController()
    try {
      try {
        surface.asked(shown, this.inbox, AbortSignal.any([signal, over.signal]))
      } catch {
        // The question is stored all the same, and can be answered on another surface.
      }
      return await this.#wait(row, question, signal)
    } finally {
      over.abort()
    }
  }

  /**
   * Marks what waited in processes that are gone as interrupted, and says how many.
   *
   * Called at the start, and before anything is listed or answered: another process may have died meanwhile.
   */
  async recover(): Promise<number> {
    const { store, writer, clock } = this.#services
    const orphans = (await rowsInStates(this.#committed, WAITING)).filter(
      (row) => row.writer !== writer.id && !writer.isAlive(row.writer),
    )
    const stale = (await rowsInStates(this.#committed, ['interrupted', 'leased'])).filter(
      (row) => Number(row.expires_at) <= clock.now(),
    )
    if (orphans.length + stale.length === 0) return 0
    return store.transaction(async (tx) => {
      let interrupted = 0
      for (const row of orphans) {
        if (!(await moveApproval(tx, row.id, WAITING, 'interrupted'))) continue
        interrupted++
        await tx.run('UPDATE approval SET expires_at = ? WHERE id = ?', [
          clock.now() + this.#limits.interruptedMs,
          row.id,
        ])
        await this.#recordRow(tx, row, 'interrupted')
      }
      for (const row of stale)
        if (await moveApproval(tx, row.id, ['interrupted', 'leased'], 'expired'))
          await this.#recordRow(tx, row, 'expired')
      return interrupted
    })
  }

  get #committed(): { all: Transaction['all'] } {
    return { all: (sql, params) => this.#services.store.read(sql, params) }
  }

  async #coveredAlready(
    tx: Transaction,
    row: ApprovalRow,
    question: Question,
    { subject }: EncodedQuestion,
  ): Promise<boolean> {
    const now = this.#services.clock.now()
    const standing = await findStanding(tx, row.workspace, subject, row.conversation, now)
    if (standing !== undefined) {
      await this.#record(tx, { ...row, id: standing.id }, question, 'used', undefined, {
        covers: standing.covers,
        invocation: row.invocation,
      })
      return true
    }
    const [lease] = await tx.all<{ id: string }>(
      "SELECT id FROM approval WHERE workspace = ? AND digest = ? AND state = 'leased' AND expires_at > ? ORDER BY asked_at, id LIMIT 1",
      [row.workspace, row.digest, now],
    )
    if (lease === undefined || !(await moveApproval(tx, lease.id, ['leased'], 'used'))) return false
    await this.#record(tx, { ...row, id: lease.id }, question, 'used', undefined, {
      covers: 'once',
      invocation: row.invocation,
    })
    return true
  }

  // The call was made again: a yes to the lost one would be a second effect that nobody waits for.
  async #supersede(
    tx: Transaction,
    { workspace, digest }: ApprovalRow,
    question: Question,
  ): Promise<void> {
    for (const lost of await rowsInStates(tx, ['interrupted'], workspace)) {
      if (lost.digest !== digest) continue
      await moveApproval(tx, lost.id, ['interrupted'], 'cancelled')
      await this.#record(tx, lost, question, 'cancelled')
    }
  }

  async #assertRoom(tx: Transaction, { workspace, extension }: ApprovalRow): Promise<void> {
    const waiting = await tx.all<{ extension: string }>(
      "SELECT extension FROM approval WHERE workspace = ? AND state = 'pending'",
      [workspace],
    )
    const { pendingPerWorkspace, pendingPerExtension } = this.#limits
    const own = waiting.filter((one) => one.extension === extension).length
    const limit =
      own >= pendingPerExtension
        ? pendingPerExtension
        : waiting.length >= pendingPerWorkspace
          ? pendingPerWorkspace
          : undefined
    if (limit === undefined) return
    throw new HostError(
      'ERR_HOST_LIMIT',
      `Cannot ask a person: ${limit} questions wait for an answer already`,
      { limit: 'approvals', value: limit, unit: 'questions' },
    )
  }

  async #wait(row: ApprovalRow, question: Question, signal: AbortSignal): Promise<AskOutcome> {
    for (;;) {
      const state = await this.#stateOf(row.id)
      if (signal.aborted) return this.#giveUp(row, question, 'cancelled', 'its call is over')
      switch (state) {
        case 'allowed':
          return this.#takeUp(row, question)
        case 'pending':
          if (this.#services.clock.now() >= Number(row.expires_at))
            return this.#giveUp(row, question, 'expired', 'nobody answered in time')
          await this.#nudge(row.id, signal)
          break
        case 'denied':
          return refused('a person said no')
        default:
          return refused('it is not asked any more')
      }
    }
  }

  async #stateOf(id: string): Promise<string | undefined> {
    const [row] = await this.#services.store.read<{ state: string }>(
      'SELECT state FROM approval WHERE id = ?',
      [id],
    )
    return row?.state
  }

  // Only this call takes its yes up, once, and only for the question that it asked itself: a row that was exchanged meanwhile
  // has another digest.
  async #takeUp(row: ApprovalRow, question: Question): Promise<AskOutcome> {
    const taken = await this.#services.store.transaction(async (tx) => {
      const stored = await findApproval(tx, row.workspace, row.id)
      if (stored?.digest !== row.digest || !(await moveApproval(tx, row.id, ['allowed'], 'used')))
        return false
      await this.#record(tx, row, question, 'used', undefined, { covers: 'once' })
      return true
    })
    return taken ? ALLOWED : refused('what was allowed is not what is asked')
  }

  async #giveUp(
    row: ApprovalRow,
    question: Question,
    to: 'cancelled' | 'expired',
    reason: string,
  ): Promise<AskOutcome> {
    await this.#services.store.transaction(async (tx) => {
      if (await moveApproval(tx, row.id, WAITING, to)) await this.#record(tx, row, question, to)
    })
    return refused(reason)
  }

  /** Resolves when the row may have changed: an answer in this process, the end of the call, or the next look at the store. */
  #nudge(id: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        signal.removeEventListener('abort', wake)
        this.#waiting.delete(id)
        resolve()
      }
      this.#waiting.set(id, wake)
      signal.addEventListener('abort', wake, { once: true })
      this.#poll ??= setTimeout(() => {
        this.#poll = undefined
        this.#wakeAll()
      }, POLL_MS)
    })
  }

  #wakeAll(): void {
    for (const wake of this.#waiting.values()) wake()
  }

  async #list(workspace: string): Promise<readonly Approval[]> {
    await this.recover()
    const now = this.#services.clock.now()
    const rows = await rowsInStates(this.#committed, OPEN, workspace)
    const first = new Map<string, ApprovalRow>()
    for (const row of rows)
      if (Number(row.expires_at) > now && !first.has(row.digest)) first.set(row.digest, row)
    return Promise.all([...first.values()].map(toApproval))
  }

  async #find(workspace: string, id: string): Promise<ApprovalRow> {
    await this.recover()
    const row = await findApproval(this.#committed, workspace, id)
    if (row === undefined) throw unknown(id)
    return row
  }

  async #answer({ workspace, id, shown, by, answer }: AnswerRequest): Promise<Approval> {
    const before = await this.#find(workspace, id)
    const { question, digest } = await toApproval(before)
    if (shown !== digest) throw changed(id)
    assertMayAnswer(question, by)
    const answered = await this.#services.store.transaction(async (tx) => {
      const row = await findApproval(tx, workspace, id)
      if (row?.digest !== digest) throw changed(id)
      const now = this.#services.clock.now()
      const state = Number(row.expires_at) <= now ? 'expired' : (row.state as ApprovalState)
      if (!OPEN.includes(state)) throw over(id, state)
      if (answer.kind === 'deny') await this.#deny(tx, row, question, by)
      else await this.#allow(tx, row, question, by, answer)
      return findApproval(tx, workspace, id)
    })
    this.#wakeAll()
    return toApproval(answered as ApprovalRow)
  }

  async #deny(tx: Transaction, row: ApprovalRow, question: Question, by: Approver): Promise<void> {
    const alike = (await rowsInStates(tx, OPEN, row.workspace)).filter(
      ({ digest }) => digest === row.digest,
    )
    for (const one of alike) {
      await moveApproval(tx, one.id, OPEN, 'denied')
      await this.#noteAnswer(tx, one.id, by)
      await this.#record(tx, one, question, 'denied', approverText(by))
    }
  }

  async #allow(
    tx: Transaction,
    row: ApprovalRow,
    question: Question,
    by: Approver,
    answer: Extract<Answer, { kind: 'allow' }>,
  ): Promise<void> {
    await this.#letThrough(tx, row, answer.covers)
    await this.#noteAnswer(tx, row.id, by)
    await this.#record(tx, row, question, 'allowed', approverText(by), { covers: answer.covers })
    if (answer.covers === 'once') return
    const expiresAt = this.#assertCoverage(question, answer)
    await tx.run(
      `INSERT INTO standing_approval (id, workspace, extension, installation, subject, question, covers, conversation, expires_at, given_at, given_by)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        row.id,
        row.workspace,
        row.extension,
        question.installation,
        row.subject,
        row.question,
        answer.covers,
        answer.covers === 'conversation' ? row.conversation : null,
        expiresAt,
        this.#services.clock.now(),
        approverText(by),
      ],
    )
    const alike = (await rowsInStates(tx, ['pending'], row.workspace)).filter(
      (one) =>
        one.subject === row.subject &&
        (answer.covers !== 'conversation' || one.conversation === row.conversation),
    )
    for (const one of alike) {
      await this.#letThrough(tx, one, answer.covers)
      await this.#noteAnswer(tx, one.id, by)
      await this.#record(tx, one, question, 'allowed', approverText(by), { covers: answer.covers })
    }
  }

  // Nobody waits for an interrupted one any more: its yes is kept for one identical call, unless it stands for all of them.
  async #letThrough(
    tx: Transaction,
    row: ApprovalRow,
    covers: StandingApproval['covers'] | 'once',
  ): Promise<void> {
    if (await moveApproval(tx, row.id, ['pending'], 'allowed')) return
    await moveApproval(tx, row.id, ['interrupted'], covers === 'once' ? 'leased' : 'used')
    if (covers !== 'once') return
    await tx.run('UPDATE approval SET expires_at = ? WHERE id = ?', [
      this.#services.clock.now() + this.#limits.leaseMs,
      row.id,
    ])
  }

  #assertCoverage(
    question: Question,
    answer: Exclude<Extract<Answer, { kind: 'allow' }>, { covers: 'once' }>,
  ): number | null {
    if (question.askedBy === 'policy')
      throw argument(
        answer.covers,
        "once: the operator's policy wants a person to be asked each time",
      )
    if (answer.covers === 'conversation' && question.conversation === null)
      throw argument('conversation', 'once, until or always: the call has no conversation')
    if (answer.covers !== 'until') return null
    const now = this.#services.clock.now()
    if (!(answer.until > now && answer.until <= now + MAX_UNTIL_MS))
      throw argument('until', 'a time within the next 366 days')
    return Math.floor(answer.until)
  }

  async #revoke(workspace: string, id: string, by: Approver): Promise<void> {
    await this.#services.store.transaction(async (tx) => {
      const rows = await listStanding(tx, workspace, this.#services.clock.now())
      const row = rows.find((one) => one.id === id)
      if (row === undefined) throw unknown(id)
      const { question } = toStanding(row)
      assertMayAnswer(question, by)
      await tx.run('DELETE FROM standing_approval WHERE id = ?', [id])
      await this.#services.audit.eventIn(tx, {
        workspace,
        principal: approverText(by),
        extension: row.extension,
        capability: 'approval.revoked',
        target: question.target,
        details: { approval: id, covers: row.covers },
      })
    })
  }

  async #noteAnswer(tx: Transaction, id: string, by: Approver): Promise<void> {
    await tx.run('UPDATE approval SET answered_at = ?, answered_by = ? WHERE id = ?', [
      this.#services.clock.now(),
      approverText(by),
      id,
    ])
  }

  async #recordRow(tx: Transaction, row: ApprovalRow, what: string): Promise<void> {
    await this.#record(tx, row, (await toApproval(row)).question, what)
  }

  async #record(
    tx: Transaction,
    row: ApprovalRow,
    question: Question,
    what: string,
    principal?: string,
    details: JsonObject = {},
  ): Promise<void> {
    await this.#services.audit.eventIn(tx, {
      workspace: row.workspace,
      principal: principal ?? formatPrincipal(question.principal),
      extension: row.extension,
      digest: question.artifact,
      invocation: row.invocation,
      capability: `approval.${what}`,
      target: question.target,
      ...(what === 'denied' || what === 'expired' || what === 'cancelled'
        ? { decision: 'refused', refusedBy: what === 'denied' ? 'person' : what }
        : {}),
      details: {
        approval: row.id,
        permission: question.permission,
        asked: row.digest as Digest,
        ...details,
      },
    })
  }
}

function refused(reason: string): AskOutcome {
  return { kind: 'refused', reason }
}

function approverText({ person }: Approver): string {
  return formatPrincipal({ kind: 'person', id: person })
}

function argument(what: string, accepted: string): HostError<'ERR_HOST_ARGUMENT'> {
  return new HostError(
    'ERR_HOST_ARGUMENT',
    `Cannot allow it for "${what}": accepted is ${accepted}`,
    {
      argument: what,
      accepted,
    },
  )
}

function unknown(id: string): HostError<'ERR_HOST_APPROVAL_UNKNOWN'> {
  const shown = id.slice(0, 60)
  return new HostError(
    'ERR_HOST_APPROVAL_UNKNOWN',
    `Cannot find the approval "${shown}" in this workspace`,
    { approval: shown },
  )
}

function over(
  id: Id<'approval'> | string,
  state: ApprovalState,
): HostError<'ERR_HOST_APPROVAL_OVER'> {
  return new HostError('ERR_HOST_APPROVAL_OVER', `Cannot answer: the question is ${state}`, {
    approval: id,
    state,
  })
}
