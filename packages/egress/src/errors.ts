import { PlatformError } from '@morphee/core'

/** What each egress error code carries. */
export interface EgressErrorDetails {
  /** The URL is not one the guard sends to: not absolute, not `https`, userinfo, a fragment, an odd host spelling. */
  ERR_EGRESS_URL: { reason: string }
  /** The method is refused (`CONNECT`, `TRACE`), or does not go with the request (a `GET` with a body). */
  ERR_EGRESS_METHOD: { method: string; reason: string }
  /** A header or query parameter of the caller is refused; `header` names it, its value is never told. */
  ERR_EGRESS_HEADER: { header: string; reason: string }
  /** The permission, the grant or the policy refused this URL or method; `refusedBy` says which when it is known. */
  ERR_EGRESS_DENIED: { url: string; method: string; reason: string; refusedBy: string | undefined }
  /** A rate or bandwidth quota is used up. */
  ERR_EGRESS_RATE: { reason: string; retryAfterMs: number | undefined }
  /** The host's name leads to an address that is not on the public internet. */
  ERR_EGRESS_ADDRESS: { host: string; address: string; range: string }
  /** The credential is not for this origin. */
  ERR_EGRESS_AUDIENCE: { origin: string; audience: readonly string[] }
  /** No answer: the name does not resolve, nobody listens, the connection broke. `sent` tells whether the request may have arrived. */
  ERR_EGRESS_UNREACHABLE: { host: string; reason: string; sent: boolean }
  /** The server did not prove that it is `host`. Nothing was sent. */
  ERR_EGRESS_TLS: { host: string; reason: string }
  /** The deadline passed. `sent` tells whether the request may have arrived. */
  ERR_EGRESS_TIMEOUT: { host: string; timeoutMs: number; sent: boolean }
  /** A redirect is not followed: too many, or it leads nowhere that can be asked. */
  ERR_EGRESS_REDIRECT: { reason: string; hops: number }
  /** The answer is larger than allowed; `part` is `headers`, `wire` (as sent) or `body` (after decompression). */
  ERR_EGRESS_RESPONSE_TOO_LARGE: { part: 'headers' | 'wire' | 'body'; limit: number }
  /** The answer is not proper HTTP: broken framing, a wrong length, broken or unknown compression. */
  ERR_EGRESS_RESPONSE: { host: string; reason: string }
}

/** The guard refused a request, or the network did. */
export class EgressError<
  Code extends keyof EgressErrorDetails = keyof EgressErrorDetails,
> extends PlatformError<Code, EgressErrorDetails[Code]> {
  override readonly name = 'EgressError'
}

/** {@link EgressError} as a union that narrows `details` when you switch on `code`. */
export type AnyEgressError = {
  [Code in keyof EgressErrorDetails]: EgressError<Code>
}[keyof EgressErrorDetails]
