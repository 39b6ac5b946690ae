import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ProtocolError } from './protocol-error.ts'

/** What a request is answered with. */
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | number>>
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>
}

/** One request, as handlers see it. */
export interface Call {
  readonly method: string
  readonly url: URL
  readonly request: IncomingMessage
}

// What is still read of a refused upload: enough that an ordinary client reads our answer instead of a reset connection.
const MAX_DRAINED_BYTES = 16 * 1024 * 1024

/** Sends `reply`. For HEAD only its head; when the client goes away it simply ends. */
export async function sendReply(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
): Promise<void> {
  if (!request.complete) await drain(request, response)
  const headers: Record<string, string | number> = {
    'x-content-type-options': 'nosniff',
    ...reply.headers,
  }
  const { body } = reply
  if (
    headers['content-length'] === undefined &&
    (body === undefined || body instanceof Uint8Array)
  ) {
    headers['content-length'] = body?.length ?? 0
  }
  if (reply.status === 204) delete headers['content-length']
  response.writeHead(reply.status, headers)
  if (request.method === 'HEAD' || body === undefined) response.end()
  else if (body instanceof Uint8Array) response.end(body)
  else await pipeline(Readable.from(body), response)
}

/** The specification's error body. */
export function errorReply(error: ProtocolError): Reply {
  const body = JSON.stringify({ errors: [{ code: error.code, message: error.message }] })
  return {
    status: error.status,
    headers: { ...error.headers, 'content-type': 'application/json' },
    body: Buffer.from(body),
  }
}

/** Reads a whole request body of at most `limit` bytes. @throws ProtocolError `SIZE_INVALID` with status 413 */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of bodyChunks(request)) {
    size += chunk.length
    if (size > limit) {
      throw new ProtocolError('SIZE_INVALID', `The body is larger than ${limit} bytes`, {
        status: 413,
      })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The body's chunks. Leaving early keeps the connection, so that a refusal can still be answered. */
export function bodyChunks(request: IncomingMessage): AsyncIterable<Buffer> {
  return request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
}

async function drain(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.destroyed) return
  let size = 0
  for await (const chunk of bodyChunks(request)) {
    size += chunk.length
    if (size > MAX_DRAINED_BYTES) {
      response.setHeader('connection', 'close')
      return
    }
  }
}
