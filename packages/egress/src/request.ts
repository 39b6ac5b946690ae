/** One header field. Names are compared without case; order and repetition are kept. */
export interface EgressHeader {
  readonly name: string
  readonly value: string
}

/** What a caller wants sent. */
export interface EgressRequest {
  /** Absolute `https` URL without userinfo or fragment. */
  readonly url: string
  /** @default 'GET' */
  readonly method?: string
  readonly headers?: readonly EgressHeader[]
  readonly body?: Uint8Array | ReadableStream<Uint8Array>
  /** Length of a streamed body in bytes, sent as `Content-Length` and held to; chunked framing without it. */
  readonly bodyLength?: number
  /**
   * Milliseconds for everything from name resolution to the last byte of the answer. Waiting for a person in
   * {@link EgressContext.permit} does not count.
   */
  readonly timeoutMs?: number
  /** Most bytes of the answer's body, both as sent and after decompression. */
  readonly maxResponseBytes?: number
  /**
   * Whether to ask for compressed answers and undo the compression. Without it the body is handed on as it was sent.
   * @default true
   */
  readonly decompress?: boolean
  readonly signal?: AbortSignal
}

interface AnswerHead {
  readonly status: number
  readonly headers: readonly EgressHeader[]
  /** Where the answer came from, after redirects; without the credential's query parameters. */
  readonly url: string
}

/** An answer, whole. Every status is one, 4xx and 5xx too. */
export interface EgressResponse extends AnswerHead {
  readonly body: Uint8Array<ArrayBuffer>
  /** Bytes of requests over all hops: request line, headers and body, without TLS. */
  readonly bytesSent: number
  /** Bytes of answers over all hops, as they were sent. */
  readonly bytesReceived: number
  /** How often the credential stood in the answer and was replaced by {@link REDACTION}. */
  readonly redactions: number
}

/** An answer whose body is still arriving, under the same deadline and caps. Read it to its end or cancel it. */
export interface EgressStreamResponse extends AnswerHead {
  readonly body: ReadableStream<Uint8Array>
}
