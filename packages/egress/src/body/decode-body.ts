import { EgressError } from '../errors.ts'

type Coding = 'gzip' | 'deflate' | 'deflate-raw' | 'br'

/** What is asked for with `Accept-Encoding`. */
export const ACCEPTED_CODINGS = 'gzip, br, deflate'

/**
 * Undoes `Content-Encoding`, as data comes: what is not read is not decompressed, so a caller that counts is safe.
 *
 * @throws `ERR_EGRESS_RESPONSE` for a coding that was not asked for, or several on top of each other
 */
export async function decodeBody(
  body: ReadableStream<Uint8Array>,
  contentEncoding: string | undefined,
  host: string,
): Promise<ReadableStream<Uint8Array>> {
  const coding = (contentEncoding ?? 'identity').trim().toLowerCase()
  switch (coding) {
    case '':
    case 'identity':
      return body
    case 'gzip':
    case 'x-gzip':
      return decompress(body, 'gzip')
    case 'br':
      return decompress(body, 'br')
    case 'deflate': {
      // RFC 9110 means the zlib format; some servers send the bare stream. The first byte tells them apart.
      const [peeked, first] = await peek(body)
      return decompress(
        peeked,
        first !== undefined && (first & 0x0f) !== 8 ? 'deflate-raw' : 'deflate',
      )
    }
    default:
      throw new EgressError(
        'ERR_EGRESS_RESPONSE',
        `Cannot read the answer of "${host}": it is encoded in a way that was not asked for`,
        { host, reason: 'content-encoding' },
      )
  }
}

function decompress(body: ReadableStream<Uint8Array>, coding: Coding): ReadableStream<Uint8Array> {
  // The name follows the specification's newest list; TypeScript's is older.
  const format = (coding === 'br' ? 'brotli' : coding) as CompressionFormat
  return body.pipeThrough(
    new DecompressionStream(format) as ReadableWritablePair<Uint8Array, Uint8Array>,
  )
}

async function peek(
  body: ReadableStream<Uint8Array>,
): Promise<[ReadableStream<Uint8Array>, number | undefined]> {
  const reader = body.getReader()
  let first = await reader.read()
  while (!first.done && first.value.length === 0) first = await reader.read()
  const head = first
  let given = false
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = given ? await reader.read() : head
        given = true
        if (next.done) controller.close()
        else controller.enqueue(next.value)
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  return [stream, head.value?.[0]]
}
