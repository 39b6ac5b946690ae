/** One request to a registry, a token server, or wherever those redirect to. */
export interface RegistryTransportRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Absolute `http:` or `https:` URL. */
  readonly url: string
  /** Names in lower case. `authorization` is meant for the origin of `url` only. */
  readonly headers: Readonly<Record<string, string>>
  /** Sent with a `Content-Length`; none for a request without a body. */
  readonly body?: Uint8Array<ArrayBuffer>
  readonly signal: AbortSignal
}

/** The answer to a {@link RegistryTransportRequest}. Its body is read to the end or cancelled by the client. */
export interface RegistryTransportResponse {
  readonly status: number
  readonly headers: Headers
  /** Where the answer came from, after redirects. */
  readonly url: string
  readonly body: ReadableStream<Uint8Array> | null
}

/**
 * The only way of this package to the network.
 *
 * It decides which hosts may be reached, for every hop anew: reference, token realm, `Location` and redirects come from
 * strangers. It follows redirects of GET and HEAD, drops `authorization` when the origin changes, and hands bodies on
 * without undoing a content coding. Errors that are coded pass through the client as they are.
 */
export type RegistryTransport = (
  request: RegistryTransportRequest,
) => Promise<RegistryTransportResponse>
