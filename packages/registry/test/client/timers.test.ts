import { createRegistryClient, parseReference, type RegistryTransport } from '@morphee/registry'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const reference = parseReference('registry.example/acme/jira:1.2.0')
const answering =
  (status: number, headers: Record<string, string> = {}): RegistryTransport =>
  ({ url }) =>
    Promise.resolve({
      status,
      headers: new Headers(headers),
      url,
      body: new Response('a body').body,
    })

for (const [what, transport] of [
  ['a refused realm', answering(401, { 'www-authenticate': 'Bearer realm="http://evil.example"' })],
  ['a challenge that cannot be answered', answering(401, { 'www-authenticate': 'Negotiate' })],
  ['an answer that is no manifest', answering(200)],
  ['nothing there', answering(404)],
  ['a refusal', answering(400)],
  ['no network', () => Promise.reject(new Error('down'))],
] as const) {
  test(`createRegistryClient() leaves no timer behind that keeps a process alive, after ${what}`, async () => {
    const client = createRegistryClient({ transport, retries: 0 })
    await expect(client.resolve(reference)).rejects.toThrow()
    expect(vi.getTimerCount()).toBe(0)
  })
}

test('createRegistryClient() leaves no timer behind, when a body is abandoned in the middle', async () => {
  const controller = new AbortController()
  const transport: RegistryTransport = ({ url }) =>
    Promise.resolve({ status: 200, headers: new Headers(), url, body: new ReadableStream() })
  const reading = createRegistryClient({ transport }).resolve(reference, {
    signal: controller.signal,
  })
  await vi.advanceTimersByTimeAsync(0)
  expect(vi.getTimerCount()).toBe(2)
  controller.abort(new Error('enough'))
  await expect(reading).rejects.toThrow('enough')
  expect(vi.getTimerCount()).toBe(0)
})

test('createRegistryClient() waits as long as Retry-After asks, and at most 30 seconds', async () => {
  const waits: number[] = []
  let last = performance.now()
  const client = createRegistryClient({
    retries: 2,
    transport: ({ url }) => {
      waits.push(Math.round((performance.now() - last) / 1000))
      last = performance.now()
      const headers = new Headers({ 'retry-after': waits.length === 1 ? '7' : '86400' })
      return Promise.resolve({ status: 429, headers, url, body: null })
    },
  })
  const reading = expect(client.resolve(reference)).rejects.toThrowCode('ERR_REGISTRY_RATE_LIMITED')
  await vi.advanceTimersByTimeAsync(60_000)
  await reading
  expect(waits).toEqual([0, 7, 30])
})
