import type { AllowedPrivate } from './address/allowed-private.ts'
import type { EgressHeader } from './request.ts'

/** An answer of {@link EgressContext.permit} and {@link EgressContext.charge}. */
export type EgressVerdict =
  | { readonly allowed: true }
  | {
      readonly allowed: false
      /** For people; part of the error's message. */
      readonly reason: string
      /** `manifest`, `action`, `grant`, `policy`. */
      readonly refusedBy?: string
      readonly retryAfterMs?: number
    }

/** Which step of a request is asked for. */
export interface EgressStep {
  /** 0 for the caller's own URL, one more per redirect. */
  readonly hop: number
  /** The URL that redirected here. */
  readonly redirectedFrom?: URL
}

/** What is about to be used up: one request (per hop), or bytes that just moved. */
export type EgressCharge =
  | { readonly kind: 'request'; readonly url: URL; readonly method: string }
  | { readonly kind: 'bytes'; readonly sent: number; readonly received: number }

/** What the host adds to a request so that the service knows who asks. */
export interface EgressCredential {
  /** Origins the credential is for, such as `https://acme.atlassian.net`. Anything else is refused with `ERR_EGRESS_AUDIENCE`. */
  readonly audience: readonly string[]
  readonly headers?: readonly EgressHeader[]
  /** Query parameters that are added to the URL on the wire and nowhere else. */
  readonly query?: readonly EgressHeader[]
  /** Texts that must not come back: the token, the password. The header and query values are added by the guard. */
  readonly secrets?: readonly string[]
}

/** One attempt to send one hop: an intent before it, an outcome after it, always in pairs. */
export type EgressHop =
  | {
      readonly phase: 'intent'
      readonly hop: number
      readonly url: URL
      readonly method: string
      readonly address: string
    }
  | {
      readonly phase: 'outcome'
      readonly hop: number
      readonly url: URL
      readonly method: string
      readonly address: string
      /** Missing when no answer came. */
      readonly status?: number
      /** Missing when the answer arrived whole; else an error code, or `cancelled`. */
      readonly error?: string
      /** Whether the request may have reached the server; `false` proves that nothing happened there. */
      readonly sent: boolean
      readonly bytesSent: number
      readonly bytesReceived: number
      readonly redactions: number
      /** What `Retry-After` asked for, on 429 and 503. */
      readonly retryAfterMs?: number
    }

/** On whose behalf a request is sent. Every decision that is not the guard's own is taken here. */
export interface EgressContext {
  /** Requests of different partitions never share a connection: installation and credential, say. */
  readonly partition: string
  /** Asked for every hop before anything else happens. May take as long as a person needs; the caller's signal ends the wait. */
  permit(url: URL, method: string, step: EgressStep): EgressVerdict | Promise<EgressVerdict>
  /** Asked per hop, then for the bytes of each chunk as it moves. */
  charge?(charge: EgressCharge): EgressVerdict | Promise<EgressVerdict>
  /** The credential for `url`, if the request names one. Asked only while the origin is the one the caller named. */
  credential?(url: URL): EgressCredential | undefined | Promise<EgressCredential | undefined>
  /** Awaited. An intent that throws means that nothing is sent. */
  onHop?(hop: EgressHop): void | Promise<void>
  /** Pairs of host and range that this request may reach though the range is special, beside those of the guard. @default none */
  readonly allowedPrivate?: readonly AllowedPrivate[]
  /**
   * Lets the request bring its own `Authorization`, `Cookie` and API-key headers and parameters.
   * @default false
   */
  readonly guestAuth?: boolean
}
