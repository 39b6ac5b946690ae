import { isPlatformError } from '@morphee/core'
import type { HopAnswer } from '../attempt.ts'
import { EgressError } from '../errors.ts'
import { charge, type Exchange } from '../exchange.ts'
import { explainAbort, outcomeOf } from '../outcome.ts'
import { hostOf } from '../url/parse-target.ts'
import { decodeBody } from './decode-body.ts'
import { Redactor } from './redactor.ts'

/**
 * The body of an answer as the caller may have it: charged and capped as it arrives, decompressed, capped again, without
 * the credential. Ends the hop in every way it can end. The first chunk is empty: it says that the generator has begun,
 * for one that has not runs no `finally` when it is told to return.
 */
export async function* readAnswer(
  exchange: Exchange,
  answer: HopAnswer,
): AsyncGenerator<Uint8Array<ArrayBufferLike>, void> {
  const host = hostOf(answer.url)
  const limit = exchange.maxResponseBytes
  const redactor = new Redactor(answer.needles)
  let error: string | undefined = 'cancelled'
  let wireFailure: unknown
  let source: ReadableStream<Uint8Array> | undefined
  try {
    yield new Uint8Array(0)
    if (!hasBody(exchange.method, answer.status)) {
      letGo(answer.body)
      error = undefined
      return
    }
    // Before the first byte: noticing afterwards would already have paid for it.
    if ((answer.contentLength ?? 0) > limit) throw tooLarge('wire', limit)
    const wire = countWire(exchange, answer.body, (failure) => (wireFailure ??= failure))
    source = wire
    source = exchange.decompress ? await decodeBody(wire, answer.contentEncoding, host) : wire
    let size = 0
    for await (const chunk of racing(source, exchange)) {
      size += chunk.length
      if (size > limit) throw tooLarge('body', limit)
      const clean = redactor.push(chunk)
      if (clean.length > 0) yield clean
    }
    const rest = redactor.push(new Uint8Array(0), true)
    if (rest.length > 0) yield rest
    error = undefined
  } catch (thrown) {
    const reason = explainAbort(exchange, wireFailure ?? thrown, host, true)
    const known = isPlatformError(reason) || reason === exchange.deadline.signal.reason
    const told = known || wireFailure !== undefined ? reason : brokenCoding(host, reason)
    error = outcomeOf(exchange, told)
    throw told
  } finally {
    letGo(source ?? answer.body)
    exchange.redactions += redactor.count + answer.headerRedactions
    await answer.end({ ...(error === undefined ? {} : { error }), redactions: redactor.count })
    exchange.deadline.close()
  }
}

/** Whether an answer can have a body (RFC 9110 section 6.4.1). */
export function hasBody(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 205 && status !== 304
}

function countWire(
  exchange: Exchange,
  body: ReadableStream<Uint8Array>,
  onFailure: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  const limit = exchange.maxResponseBytes
  let size = 0
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await reader.read()
          if (next.done) return controller.close()
          size += next.value.length
          await charge(exchange, { kind: 'bytes', sent: 0, received: next.value.length })
          if (size > limit) throw tooLarge('wire', limit)
          controller.enqueue(next.value)
        } catch (error) {
          onFailure(error)
          letGo(reader)
          throw error
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  )
}

// A server that stops talking must not keep the caller: every read also waits for the deadline.
async function* racing(
  source: ReadableStream<Uint8Array>,
  exchange: Exchange,
): AsyncGenerator<Uint8Array> {
  const reader = source.getReader()
  try {
    for (;;) {
      const next = await exchange.deadline.race(reader.read())
      if (next.done) return
      yield next.value
    }
  } finally {
    letGo(reader)
    reader.releaseLock()
  }
}

// Not awaited: a decompressor in the middle of a stalled body would keep the caller waiting for it.
function letGo(source: { cancel(): Promise<void> }): void {
  source.cancel().catch(() => undefined)
}

function tooLarge(part: 'wire' | 'body', limit: number): EgressError {
  return new EgressError(
    'ERR_EGRESS_RESPONSE_TOO_LARGE',
    `Cannot take the answer: it has more than ${limit} bytes${part === 'body' ? ' when decompressed' : ''}`,
    { part, limit },
  )
}

function brokenCoding(host: string, cause: unknown): EgressError {
  return new EgressError(
    'ERR_EGRESS_RESPONSE',
    `Cannot read the answer of "${host}": its compression is broken`,
    { host, reason: 'compression' },
    { cause },
  )
}
