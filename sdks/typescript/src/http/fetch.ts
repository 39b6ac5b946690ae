import type { HostRequest } from 'morphee:extension/http@0.9.0'
import { TextEncoder } from '../globals/text-encoder.ts'
import { Headers, type HeadersInit } from './headers.ts'
import { enqueue } from './queue.ts'
import type { Response } from './response.ts'

/** What may go with a request. */
export interface FetchOptions {
  /** @default 'GET' */
  readonly method?: string
  readonly headers?: HeadersInit
  /** A string is sent as UTF-8. A `URLSearchParams` is sent as a form. */
  readonly body?: string | Uint8Array | ArrayBuffer | FormBody | null
  /** Name of a credential of the manifest; the host adds it, and the extension never sees it. */
  readonly credential?: string
  /** Milliseconds until the host gives up on this request; the call's own end comes first. */
  readonly timeoutMs?: number
  /**
   * `read` sends it under `http:read` although its method is not GET or HEAD: for operations that the manifest declares
   * as reading.
   * @default 'read' for GET and HEAD, else 'write'
   */
  readonly effect?: 'read' | 'write'
}

/** Something like `URLSearchParams`: pairs of strings, and their text. */
interface FormBody extends Iterable<[string, string]> {
  toString(): string
}

const READING = new Set(['GET', 'HEAD'])

/**
 * Sends a request through the host, which checks it against what the person allowed.
 *
 * GET and HEAD need `http:read`, all else `http:write`. The reads that a turn leaves waiting go out together, so
 * `Promise.all` over reads takes as long as the slowest; writes go out one by one, in the order in which they were made.
 * A redirect of a write is an answer, never followed.
 *
 * @throws {@link Failure} when there was no answer, or the host refused: `permission-denied`, `unreachable`, `timeout`,
 * `rate-limited`, `limit-exceeded`. Every answer of the server is a {@link Response}, 4xx and 5xx too.
 */
export async function fetch(
  url: string | { toString(): string },
  options: FetchOptions = {},
): Promise<Response> {
  const method = normalMethod(options.method ?? 'GET')
  const headers = new Headers(options.headers)
  const body = toBody(options.body, headers)
  const request: HostRequest = {
    method,
    url: String(url),
    headers: [...headers].map(([name, value]) => ({ name, value })),
    body,
    credential: options.credential,
    timeoutMs: options.timeoutMs,
  }
  return enqueue(request, options.effect ?? (READING.has(method) ? 'read' : 'write'))
}

// The Fetch Standard's list: these, and no others, are written in capitals whatever the author wrote.
function normalMethod(method: string): string {
  const upper = String(method).toUpperCase()
  return ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH'].includes(upper)
    ? upper
    : String(method)
}

function toBody(body: FetchOptions['body'], headers: Headers): Uint8Array | undefined {
  if (body === undefined || body === null) return undefined
  if (body instanceof Uint8Array) return body
  if (body instanceof ArrayBuffer) return new Uint8Array(body)
  const form = typeof body === 'object' && Symbol.iterator in body
  if (typeof body !== 'string' && !form)
    throw new TypeError('A body is a string, bytes or a URLSearchParams')
  if (!headers.has('content-type')) {
    headers.set(
      'content-type',
      form ? 'application/x-www-form-urlencoded;charset=UTF-8' : 'text/plain;charset=UTF-8',
    )
  }
  return new TextEncoder().encode(String(body))
}
