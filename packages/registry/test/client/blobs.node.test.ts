import { digestOf, encodeUtf8 } from '@morphee/core'
import { expect, test } from 'vitest'
import { answer, startRegistry } from '../registry.ts'

const bytes = encodeUtf8('the bytes of a blob')
const descriptor = {
  mediaType: 'application/wasm',
  digest: await digestOf(bytes),
  size: bytes.length,
}
const random = (size: number): Uint8Array<ArrayBuffer> => {
  const made = new Uint8Array(size)
  for (let at = 0; at < size; at += 65_536) crypto.getRandomValues(made.subarray(at, at + 65_536))
  return made
}

for (const [how, text] of [
  ['a blob', 'the bytes of a blob'],
  ['an empty blob', ''],
] as const) {
  test(`pushBlob() and getBlob() carry ${how}`, async () => {
    await using registry = await startRegistry()
    const pushed = await registry.client.pushBlob(
      registry.reference(),
      encodeUtf8(text),
      'application/wasm',
    )
    expect(await registry.client.hasBlob(registry.reference(), pushed.digest)).toBe(true)
    expect(await registry.client.getBlob(registry.reference(), pushed, { maxBytes: 100 })).toEqual(
      encodeUtf8(text),
    )
  })
}

test('hasBlob() says no, when there is none', async () => {
  await using registry = await startRegistry()
  expect(await registry.client.hasBlob(registry.reference(), descriptor.digest)).toBe(false)
})

test('pushBlob() does not send what the repository has', async () => {
  await using registry = await startRegistry()
  await registry.client.pushBlob(registry.reference(), bytes, 'application/wasm')
  registry.lie((request, response) => request.method !== 'HEAD' && answer(response, 500, ''))
  expect(await registry.client.pushBlob(registry.reference(), bytes, 'application/wasm')).toEqual(
    descriptor,
  )
})

test('pushBlob() sends a large blob in chunks', async () => {
  await using registry = await startRegistry({}, { maxMonolithicBytes: 1000, chunkBytes: 400 })
  const sizes: unknown[] = []
  registry.lie((request) => {
    if (request.method === 'PATCH') sizes.push(request.headers['content-range'])
    return false
  })
  const large = random(1001)
  const pushed = await registry.client.pushBlob(registry.reference(), large, 'application/wasm')
  expect(sizes).toEqual(['0-399', '400-799', '800-1000'])
  expect(await registry.client.getBlob(registry.reference(), pushed, { maxBytes: 2000 })).toEqual(
    large,
  )
})

test('pushBlob() uses larger chunks, when the registry asks for them', async () => {
  await using registry = await startRegistry({}, { maxMonolithicBytes: 1000, chunkBytes: 400 })
  const sizes: unknown[] = []
  registry.lie((request, response) => {
    if (request.method === 'POST') response.setHeader('oci-chunk-min-length', '900')
    if (request.method === 'PATCH') sizes.push(request.headers['content-range'])
    return false
  })
  await registry.client.pushBlob(registry.reference(), random(1001), 'application/wasm')
  expect(sizes).toEqual(['0-899', '900-1000'])
})

test('pushBlob() goes on where the registry stands, when the answer to a chunk is lost', async () => {
  await using registry = await startRegistry({}, { maxMonolithicBytes: 1000, chunkBytes: 400 })
  let patches = 0
  registry.lie((request, response) => {
    if (request.method !== 'PATCH') return false
    patches++
    // The second chunk arrives and its answer does not; the fourth request never arrives.
    if (patches === 2) response.writeHead = () => response.destroy() as never
    if (patches === 4) return request.socket.destroy() !== undefined
    return false
  })
  const large = random(2000)
  const pushed = await registry.client.pushBlob(registry.reference(), large, 'application/wasm')
  expect(patches).toBe(6)
  expect(await registry.client.getBlob(registry.reference(), pushed, { maxBytes: 2000 })).toEqual(
    large,
  )
})

test('pushBlob() starts over, when the registry lost the upload', async () => {
  await using registry = await startRegistry()
  let puts = 0
  registry.lie(
    (request, response) => request.method === 'PUT' && puts++ === 0 && answer(response, 404, ''),
  )
  await registry.client.pushBlob(registry.reference(), bytes, 'application/wasm')
  expect(puts).toBe(2)
  expect(await registry.client.hasBlob(registry.reference(), descriptor.digest)).toBe(true)
})

test('pushBlob() tries no more than it should, and says what the registry said', async () => {
  await using registry = await startRegistry({}, { retries: 2 })
  let puts = 0
  registry.lie((request, response) => {
    if (request.method !== 'PUT') return false
    puts++
    return answer(
      response,
      507,
      JSON.stringify({ errors: [{ code: 'DISK_FULL', message: '<b>buy now</b>' }] }),
    )
  })
  const error = await registry.client
    .pushBlob(registry.reference(), bytes, 'application/wasm')
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'ERR_REGISTRY_REFUSED',
    details: { status: 507, codes: ['DISK_FULL'] },
  })
  expect(String(error)).not.toContain('buy now')
  expect(puts).toBe(3)
})

test('getBlob() asks nothing, when the descriptor is larger than allowed', async () => {
  await using registry = await startRegistry()
  let requests = 0
  registry.lie(() => requests++ < 0)
  await expect(
    registry.client.getBlob(registry.reference(), { ...descriptor, size: 101 }, { maxBytes: 100 }),
  ).rejects.toThrowCode('ERR_REGISTRY_TOO_LARGE')
  expect(requests).toBe(0)
})

test('getBlob() tries again, when the connection breaks in mid-body', async () => {
  await using registry = await startRegistry()
  await registry.client.pushBlob(registry.reference(), bytes, 'application/wasm')
  let gets = 0
  registry.lie((request, response) => {
    if (request.method !== 'GET' || gets++ > 1) return false
    response.writeHead(200, { 'content-length': bytes.length })
    response.write(bytes.subarray(0, 5), () => response.destroy())
    return true
  })
  expect(
    await registry.client.getBlob(registry.reference(), descriptor, { maxBytes: 100 }),
  ).toEqual(bytes)
  expect(gets).toBe(3)
})

test('getBlob() follows a redirect to another origin, and does not take the account along', async () => {
  const account = { username: 'someone', password: 'secret' }
  await using registry = await startRegistry(
    { auth: { kind: 'basic', ...account } },
    { credentials: () => ({ kind: 'password', ...account }) },
  )
  await registry.client.pushBlob(registry.reference(), bytes, 'application/wasm')
  await using store = await startRegistry()
  const seen: unknown[] = []
  store.lie((request, response) => {
    seen.push(request.headers.authorization)
    return answer(response, 200, bytes)
  })
  registry.lie((request, response) => {
    if (request.method !== 'GET' || request.headers.authorization === undefined) return false
    return answer(response, 307, '', { location: `${store.url}/somewhere/else` })
  })
  expect(
    await registry.client.getBlob(registry.reference(), descriptor, { maxBytes: 100 }),
  ).toEqual(bytes)
  expect(seen).toEqual([undefined])
})
