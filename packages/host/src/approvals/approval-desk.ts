// Questions to people, kept in the store. What asks (ApprovalDesk.ask) and what answers (ApprovalDesk.inbox) are two objects:
// the host hands the first to capabilities and the second to nobody but its embedder.
import { createId } from '@morphee/core'
import { HostError } from '../errors.ts'
import type { PersonWaits } from '../invocation/person-waits.ts'
import type { Transaction } from '../store/index.ts'
import { answerApproval, OPEN } from './answer-approval.ts'
import type { Approval, ApprovalInbox, ApprovalState } from './approval.ts'
import { unknown } from './approval-errors.ts'
import {
  type ApprovalLimits,
  type ApprovalServices,
  DEFAULT_LIMITS,
  type LimitedServices,
} from './approval-services.ts'
import {
  type ApprovalRow,
  committed,
  findApproval,
  insertApproval,
  moveApproval,
  rowsInStates,
  toApproval,
} from './approval-table.ts'
import { coveredAlready } from './covered-already.ts'
import { encodeQuestion, MAX_QUESTION_BYTES, type Question } from './question.ts'
import { recordApproval } from './record-approval.ts'
import { recoverApprovals } from './recover-approvals.ts'
import { revokeStanding, standingApprovals } from './standing-approvals.ts'
import { createSteadyClock } from './steady-clock.ts'
import { WaitingCalls } from './waiting-calls.ts'

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
// Answered a little before the call's own time is up, so that the guest can still say what it did not do.
const MARGIN_MS = 1000
const KEPT_MS = 30 * 86_400_000
const WAITING: readonly ApprovalState[] = ['pending', 'allowed']

/** Asks people about exact effects: stored, bounded, answered from any process on the same store. */
export class ApprovalDesk {
  /** The answering side. */
  readonly inbox: ApprovalInbox
  readonly #services: LimitedServices
  readonly #waiting = new WaitingCalls()

  constructor({
    limits,
    ...given
  }: ApprovalServices & { readonly limits?: Partial<ApprovalLimits> | undefined }) {
    const services: LimitedServices = {
      ...given,
      clock: createSteadyClock(given.clock),
      limits: { ...DEFAULT_LIMITS, ...limits },
    }
    this.#services = services
    this.inbox = Object.freeze<ApprovalInbox>({
      list: (workspace) => this.#list(workspace),
      show: (workspace, id) => this.#show(workspace, id),
      answer: async (request) => {
        await this.recover()
        const answered = await answerApproval(services, request)
        this.#waiting.wakeAll()
        return answered
      },
      standing: (workspace) => standingApprovals(services, workspace),
      revoke: (workspace, id, by) => revokeStanding(services, workspace, id, by),
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
      const { timeoutMs } = this.#services.limits
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
    const { store, surface, clock, writer, audit } = this.#services
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
      writer: writer.id,
      asked_at: now,
      expires_at: now,
      answered_at: null,
      answered_by: null,
    }
    const row = await store.transaction(async (tx) => {
      if (await coveredAlready(this.#services, tx, unasked, question, encoded)) return 'covered'
      if (surface === undefined) return 'nobody'
      await this.#assertRoom(tx, unasked)
      await tx.run(
        "DELETE FROM approval WHERE asked_at < ? AND state NOT IN ('pending', 'allowed')",
        [now - KEPT_MS],
      )
      await this.#supersede(tx, unasked, question)
      const pending = { ...unasked, expires_at: now + beginWait() }
      await insertApproval(tx, pending)
      await recordApproval(audit, tx, pending, question, { what: 'asked' })
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

  /** Marks what waited in processes that are gone as interrupted, and says how many: {@link recoverApprovals}. */
  recover(): Promise<number> {
    return recoverApprovals(this.#services)
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
      await recordApproval(this.#services.audit, tx, lost, question, { what: 'cancelled' })
    }
  }

  async #assertRoom(tx: Transaction, { workspace, extension }: ApprovalRow): Promise<void> {
    const waiting = await tx.all<{ extension: string }>(
      "SELECT extension FROM approval WHERE workspace = ? AND state = 'pending'",
      [workspace],
    )
    const { pendingPerWorkspace, pendingPerExtension } = this.#services.limits
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
          await this.#waiting.changed(row.id, signal)
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
      await recordApproval(this.#services.audit, tx, row, question, {
        what: 'used',
        details: { covers: 'once' },
      })
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
      if (await moveApproval(tx, row.id, WAITING, to))
        await recordApproval(this.#services.audit, tx, row, question, { what: to })
    })
    return refused(reason)
  }

  async #list(workspace: string): Promise<readonly Approval[]> {
    await this.recover()
    const { store, clock } = this.#services
    const now = clock.now()
    const first = new Map<string, ApprovalRow>()
    for (const row of await rowsInStates(committed(store), OPEN, workspace))
      if (Number(row.expires_at) > now && !first.has(row.digest)) first.set(row.digest, row)
    return Promise.all([...first.values()].map(toApproval))
  }

  async #show(workspace: string, id: string): Promise<Approval> {
    await this.recover()
    const row = await findApproval(committed(this.#services.store), workspace, id)
    if (row === undefined) throw unknown(id)
    return toApproval(row)
  }
}

function refused(reason: string): AskOutcome {
  return { kind: 'refused', reason }
}
