import type { EgressHeader } from './request.ts'

/** One request to one address that was checked. */
export interface TransportRequest {
  /** Names the server: `Host`, SNI and the certificate follow it, whatever the address. */
  readonly url: URL
  /** The IP address to connect to. The transport never looks a name up. */
  readonly address: string
  /** Connections are shared within a partition and origin only. */
  readonly partition: string
  readonly method: string
  /** Complete but for `Host`, framing and connection headers. */
  readonly headers: readonly EgressHeader[]
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined
  readonly signal: AbortSignal
  readonly maxHeaderBytes: number
  /** To be called before the first byte of the request is written. */
  readonly onSend: () => void
}

/** The head of an answer, and its body as it was sent, compression and all. */
export interface TransportResponse {
  readonly status: number
  readonly headers: readonly EgressHeader[]
  readonly body: ReadableStream<Uint8Array>
}

/**
 * Sends bytes and follows no orders but the guard's: no redirects, no cookies, no proxies, no retries, no name look-up.
 *
 * `send` rejects with `ERR_EGRESS_UNREACHABLE` (`sent: false` as long as nothing was written), `ERR_EGRESS_TLS`,
 * `ERR_EGRESS_RESPONSE` or `ERR_EGRESS_RESPONSE_TOO_LARGE`; so does its body. Once `signal` aborts, it rejects with whatever.
 */
export interface EgressTransport {
  send(request: TransportRequest): Promise<TransportResponse>
  close(): Promise<void>
}

/** Answers which addresses a name has now. Nothing is cached by the guard, and what it checked is what it connects to. */
export interface Resolver {
  /** @throws `ERR_EGRESS_UNREACHABLE` when the name has no address */
  resolve(host: string, signal: AbortSignal): Promise<readonly string[]>
}
