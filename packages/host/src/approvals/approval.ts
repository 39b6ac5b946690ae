import type { Digest, Id } from '@morphee/core'
import type { Question } from './question.ts'

/**
 * Where a question stands.
 *
 * `pending` waits for a person and a call waits for it. `allowed` has a yes that the call has not taken up yet; `used` is done
 * with. `interrupted` outlived the process of its call: a yes makes it `leased`, good for one identical call. `denied`, `expired`
 * and `cancelled` (its call ended) are refusals.
 */
export type ApprovalState =
  | 'pending'
  | 'allowed'
  | 'used'
  | 'denied'
  | 'expired'
  | 'cancelled'
  | 'interrupted'
  | 'leased'

/** One stored question, with exactly what is to be shown. */
export interface Approval {
  readonly id: Id<'approval'>
  readonly state: ApprovalState
  readonly question: Question
  /** SHA-256 of the stored bytes; an answer names it, so a yes is to what was shown. */
  readonly digest: Digest
  readonly invocation: string
  /** Milliseconds since 1970. */
  readonly askedAt: number
  /** When it is refused without an answer, or when its lease ends. */
  readonly expiresAt: number
  readonly answeredBy: string | undefined
}

/** How far a yes goes: this effect, or every identical one of this conversation, until a time, or always. */
export type Coverage =
  | { readonly covers: 'once' }
  | { readonly covers: 'conversation' }
  | { readonly covers: 'until'; readonly until: number }
  | { readonly covers: 'always' }

/** A person's answer. */
export type Answer = { readonly kind: 'deny' } | ({ readonly kind: 'allow' } & Coverage)

/** The person who answers, with the roles that the host's edge knows of them. Never made from anything an extension or a model said. */
export interface Approver {
  readonly person: string
  /** `owner` and `admin` answer for others. */
  readonly roles: readonly string[]
}

/** What {@link ApprovalInbox.answer} takes. */
export interface AnswerRequest {
  readonly workspace: string
  readonly id: string
  /** Digest of what the person was shown. */
  readonly shown: string
  readonly by: Approver
  readonly answer: Answer
}

/** A yes that goes on counting for identical effects. */
export interface StandingApproval {
  readonly id: Id<'approval'>
  readonly covers: 'conversation' | 'until' | 'always'
  readonly question: Question
  readonly conversation: string | undefined
  readonly expiresAt: number | undefined
  readonly givenAt: number
  readonly givenBy: string
}

/**
 * Where questions are answered: for a person's own session only.
 *
 * Nothing that is reachable by an `InterfaceManager` leads here.
 */
export interface ApprovalInbox {
  /** Questions that an answer would change: the oldest first, of identical ones only the first. */
  list(workspace: string): Promise<readonly Approval[]>
  /** @throws `ERR_HOST_APPROVAL_UNKNOWN` */
  show(workspace: string, id: string): Promise<Approval>
  /**
   * Answers one question.
   *
   * A no answers every identical question too. A yes "once" lets one call through; the next identical one is asked again.
   *
   * @throws `ERR_HOST_APPROVAL_UNKNOWN`, `ERR_HOST_APPROVAL_CHANGED`, `ERR_HOST_APPROVAL_OVER`, `ERR_HOST_APPROVER`, `ERR_HOST_ARGUMENT`
   */
  answer(request: AnswerRequest): Promise<Approval>
  /** Answers that go on counting, the newest first. */
  standing(workspace: string): Promise<readonly StandingApproval[]>
  /** Takes such an answer back. @throws `ERR_HOST_APPROVAL_UNKNOWN`, `ERR_HOST_APPROVER` */
  revoke(workspace: string, id: string, by: Approver): Promise<void>
}

/**
 * A surface on which people are asked: told of each new question, with the inbox in which the answer goes.
 *
 * Without one nobody is there to ask, and what would be asked is refused at once.
 */
export interface ApprovalSurface {
  asked(approval: Approval, inbox: ApprovalInbox, signal: AbortSignal): void
}
