/** Registries that hang, crawl, fail and ask for patience. */
import { digestOf, encodeUtf8 } from '@morphee/core'
import { expect, test } from 'vitest'
import { answer, type Intercept, startRegistry } from '../registry.ts'

const bytes = encodeUtf8('the bytes of a blob')
const descriptor = {
  mediaType: 'application/wasm',
  digest: await digestOf(bytes),
  size: bytes.length,
}

const silent: Intercept = () => true
const stalled: Intercept = (_, response) => {
  response.writeHead(200, { 'content-length': bytes.length })
  response.write(bytes.subarray(0, 3))
  return true
}
const crawling: Intercept = (_, response) => {
  response.writeHead(200, { 'content-length': 1_000_000 })
  const timer = setInterval(() => response.write('x'), 5)
  response.on('close', () => clearInterval(timer))
  return true
}

for (const [how, lie] of [
  ['never answers', silent],
  ['stops in mid-body', stalled],
] as const) {
  test(`getBlob() gives up in time on a registry that ${how}`, async () => {
    await using registry = await startRegistry({}, { idleTimeoutMs: 60, retries: 0 })
    registry.lie(lie)
    await expect(
      registry.client.getBlob(registry.reference(), descriptor, { maxBytes: 1000 }),
    ).rejects.toThrowCode('ERR_REGISTRY_TIMEOUT')
  })

  test(`getBlob() ends with the caller's reason, when it is aborted while a registry ${how}`, async () => {
    await using registry = await startRegistry()
    const controller = new AbortController()
    const reason = new Error('the person went home')
    registry.lie((request, response) => {
      setImmediate(() => controller.abort(reason))
      return lie(request, response)
    })
    await expect(
      registry.client.getBlob(registry.reference(), descriptor, {
        maxBytes: 1000,
        signal: controller.signal,
      }),
    ).rejects.toBe(reason)
  })
}

test('getBlob() gives up on a registry that sends a byte now and then for ever', async () => {
  await using registry = await startRegistry(
    {},
    { idleTimeoutMs: 10_000, totalTimeoutMs: 150, retries: 0 },
  )
  registry.lie(crawling)
  await expect(
    registry.client.getBlob(
      registry.reference(),
      { ...descriptor, size: 1_000_000 },
      { maxBytes: 1_000_000 },
    ),
  ).rejects.toThrowCode('ERR_REGISTRY_TIMEOUT')
})

test('getBlob() sends nothing, when its signal is aborted already', async () => {
  await using registry = await startRegistry()
  let requests = 0
  registry.lie(() => requests++ < 0)
  await expect(
    registry.client.getBlob(registry.reference(), descriptor, {
      maxBytes: 100,
      signal: AbortSignal.abort('no'),
    }),
  ).rejects.toBe('no')
  expect(requests).toBe(0)
})

test('getBlob() ends with a reason that is no error, and nothing else breaks', async () => {
  await using registry = await startRegistry()
  const controller = new AbortController()
  registry.lie((request, response) => {
    setImmediate(() => controller.abort('the person went home'))
    return stalled(request, response)
  })
  const { signal } = controller
  await expect(
    registry.client.getBlob(registry.reference(), descriptor, { maxBytes: 1000, signal }),
  ).rejects.toBe('the person went home')
})

test('getManifest() ends at once, when it is aborted while it waits to try again', async () => {
  await using registry = await startRegistry({}, { retryDelayMs: 1 })
  const controller = new AbortController()
  const reason = new Error('enough')
  registry.lie((_, response) => {
    setImmediate(() => controller.abort(reason))
    return answer(response, 429, '', { 'retry-after': '30' })
  })
  await expect(
    registry.client.getManifest(registry.reference(':1'), { signal: controller.signal }),
  ).rejects.toBe(reason)
})

for (const status of [429, 500, 502, 503]) {
  test(`getBlob() tries again after ${status}`, async () => {
    await using registry = await startRegistry()
    await registry.client.pushBlob(registry.reference(), bytes, 'application/wasm')
    let requests = 0
    registry.lie(
      (_, response) => requests++ < 2 && answer(response, status, '', { 'retry-after': '0' }),
    )
    expect(
      await registry.client.getBlob(registry.reference(), descriptor, { maxBytes: 100 }),
    ).toEqual(bytes)
    expect(requests).toBe(3)
  })
}

for (const [status, code, requests] of [
  [429, 'ERR_REGISTRY_RATE_LIMITED', 4],
  [503, 'ERR_REGISTRY_REFUSED', 4],
  [400, 'ERR_REGISTRY_REFUSED', 1],
  [404, 'ERR_REGISTRY_NOT_FOUND', 1],
  [403, 'ERR_REGISTRY_UNAUTHORIZED', 1],
  [401, 'ERR_REGISTRY_UNAUTHORIZED', 1],
] as const) {
  test(`getBlob() gives up with ${code} after ${requests} answers of ${status}`, async () => {
    await using registry = await startRegistry()
    let counted = 0
    registry.lie((_, response) => {
      counted++
      return answer(response, status, 'x'.repeat(200_000))
    })
    await expect(
      registry.client.getBlob(registry.reference(), descriptor, { maxBytes: 100 }),
    ).rejects.toThrowCode(code)
    expect(counted).toBe(requests)
  })
}

test('getBlob() says that nobody is there', async () => {
  await using registry = await startRegistry({}, { retries: 1 })
  const reference = registry.reference()
  await registry[Symbol.asyncDispose]()
  await expect(
    registry.client.getBlob(reference, descriptor, { maxBytes: 100 }),
  ).rejects.toThrowCode('ERR_EGRESS_UNREACHABLE')
})

test('createRegistryClient() names an error of a transport without codes', async () => {
  await using registry = await startRegistry()
  const client = registry.connect({
    retries: 0,
    transport: () => Promise.reject(new TypeError('fetch failed')),
  })
  await expect(client.resolve(registry.reference(':1'))).rejects.toThrowCode(
    'ERR_REGISTRY_UNREACHABLE',
  )
})
