import type { Digest, Id } from '@morphee/core'

/** One exact effect that a person is asked about: what is shown is what is digested is what is done. */
export type ExactEffect =
  | {
      readonly kind: 'http'
      readonly method: string
      /** Whole, query included. */
      readonly url: string
      readonly headers: readonly { readonly name: string; readonly value: string }[]
      /** The bytes that are sent after a yes; nobody else holds this array. */
      readonly body: Uint8Array | undefined
      /** Name of the credential that the host adds. */
      readonly credential: string | undefined
    }
  | {
      readonly kind: 'storage' | 'data'
      /** What it is done to, such as `key a/b` or `tasks/tsk_…`. */
      readonly target: string
      /** What is stored, if anything is. */
      readonly content: Uint8Array | undefined
    }

/** What a person is asked. Texts in `effect` are the extension's: data, to be cleaned and quoted. */
export interface ApprovalRequest {
  readonly id: Id<'approval'>
  readonly workspace: string
  readonly invocation: string
  readonly principal: string
  readonly extension: string
  /** Digest of the artifact that asks. */
  readonly artifact: string
  readonly action: string
  readonly permission: string
  /** In the host's own words. */
  readonly question: string
  readonly effect: ExactEffect
  /** SHA-256 over everything above but `id`, in canonical JSON, the body by its own digest. */
  readonly digest: Digest
  /** Aborts when the call is over; an answer after that counts for nothing. */
  readonly signal: AbortSignal
}

/**
 * Asks a person about one exact effect, on a surface that no tool, agent token or guest reaches.
 *
 * `true` allows this one effect, once. Everything else, silence included, is a refusal.
 */
export interface Approvals {
  ask(request: ApprovalRequest): Promise<boolean>
}

/** For a host without such a surface: what a grant sets to `ask` is refused. */
export const refuseApprovals: Approvals = { ask: async () => false }
