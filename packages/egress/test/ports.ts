import type { EgressContext, EgressTransport, Resolver, TransportRequest } from '@morphee/egress'
import { encodeUtf8 } from '@morphee/core'

/** What a made-up server answers. */
export interface FakeAnswer {
  readonly status?: number
  readonly headers?: readonly (readonly [string, string])[]
  readonly chunks?: readonly (Uint8Array | string)[]
}

/** A transport that keeps what it is asked to send. */
export function fakeTransport(
  answer: (request: TransportRequest) => FakeAnswer = () => ({}),
): EgressTransport & { readonly sent: TransportRequest[] } {
  const sent: TransportRequest[] = []
  return {
    sent,
    async send(request) {
      sent.push(request)
      request.onSend()
      const { status = 200, headers = [], chunks = [] } = answer(request)
      const queue = [...chunks]
      return {
        status,
        headers: headers.map(([name, value]) => ({ name, value })),
        body: new ReadableStream(
          {
            pull(controller) {
              const chunk = queue.shift()
              if (chunk === undefined) controller.close()
              else controller.enqueue(typeof chunk === 'string' ? encodeUtf8(chunk) : chunk)
            },
          },
          { highWaterMark: 0 },
        ),
      }
    },
    close: async () => undefined,
  }
}

/** A resolver with a table; every other name is at a public address. */
export function fakeResolver(table: Readonly<Record<string, readonly string[]>> = {}): Resolver {
  return { resolve: async (host) => table[host] ?? ['93.184.215.14'] }
}

/** Lets everything pass, with `overrides`. */
export function openContext(overrides: Partial<EgressContext> = {}): EgressContext {
  return { partition: 'test', permit: () => ({ allowed: true }), ...overrides }
}

/** The text of a body. */
export function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body)
}
