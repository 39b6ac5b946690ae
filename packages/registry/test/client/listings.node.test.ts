import { digestOf, encodeUtf8 } from '@morphee/core'
import { type Descriptor, MEDIA_TYPES, referrersTag, type RegistryClient } from '@morphee/registry'
import { expect, test } from 'vitest'
import { answer, startRegistry, type TestRegistry } from '../registry.ts'

const digest = await digestOf(encodeUtf8('a subject'))
const subject: Descriptor = { mediaType: MEDIA_TYPES.imageManifest, digest, size: 9 }
const index = { 'content-type': MEDIA_TYPES.imageIndex }
const entry = async (text: string, extra: Record<string, unknown> = {}) => ({
  mediaType: MEDIA_TYPES.imageManifest,
  digest: await digestOf(encodeUtf8(text)),
  size: 5,
  artifactType: 'application/x',
  ...extra,
})
const listOf = (manifests: readonly unknown[]): string =>
  JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.imageIndex, manifests })
const attachTo = (client: RegistryClient, registry: TestRegistry, content: string) =>
  client.attach(registry.reference(), {
    subject,
    artifactType: 'application/x',
    content: encodeUtf8(content),
    contentType: 'text/plain',
  })

test('tags() reads 10,000 tags over pages', async () => {
  await using registry = await startRegistry()
  const all = Array.from({ length: 10_000 }, (_, i) => `1.0.${i}`)
  registry.lie((request, response) => {
    const last = Number(new URL(request.url ?? '', registry.url).searchParams.get('last') ?? 0)
    const page = all.slice(last, last + 1000)
    const next = last + page.length
    return answer(
      response,
      200,
      JSON.stringify({ tags: page }),
      next < all.length
        ? { link: `<tags/list?n=1000&last=${next}>; rel="next"`.replace('<', '</v2/acme/jira/') }
        : {},
    )
  })
  expect(await registry.client.tags(registry.reference())).toEqual(all)
  await expect(registry.client.tags(registry.reference(), { limit: 9000 })).rejects.toThrowCode(
    'ERR_REGISTRY_TOO_LARGE',
  )
})

test('tags() leaves out lists of referrers and what is no tag', async () => {
  await using registry = await startRegistry()
  registry.lie((_, response) =>
    answer(
      response,
      200,
      JSON.stringify({ tags: ['1.0.0', referrersTag(digest), '../x', 7, '<b>', '\u202e1'] }),
    ),
  )
  expect(await registry.client.tags(registry.reference())).toEqual(['1.0.0'])
})

for (const [lie, body, link, code] of [
  [
    'goes round in circles',
    { tags: ['1.0.0'] },
    '</v2/acme/jira/tags/list>; rel="next"',
    'ERR_REGISTRY_RESPONSE',
  ],
  [
    'goes on at another host',
    { tags: ['1.0.0'] },
    '<https://evil.example/v2/a/tags/list>; rel="next"',
    'ERR_REGISTRY_RESPONSE',
  ],
  ['is no list', { tags: { length: 5 } }, undefined, 'ERR_REGISTRY_RESPONSE'],
  ['is no object', [], undefined, 'ERR_REGISTRY_RESPONSE'],
  [
    'is larger than anybody reads',
    { tags: Array(500_000).fill('0123456789') },
    undefined,
    'ERR_REGISTRY_RESPONSE',
  ],
] as const) {
  test(`tags() refuses a list that ${lie}`, async () => {
    await using registry = await startRegistry()
    registry.lie((_, response) =>
      answer(response, 200, JSON.stringify(body), link === undefined ? {} : { link }),
    )
    await expect(registry.client.tags(registry.reference())).rejects.toThrowCode(code)
  })
}

for (const referrersApi of [true, false]) {
  const how = referrersApi ? 'with a referrers API' : 'by the tag that stands in for it'
  test(`attach() and referrers() find what is attached, ${how}`, async () => {
    await using registry = await startRegistry({ referrersApi })
    const attached = await attachTo(registry.client, registry, 'a note')
    const found = await registry.client.referrers(registry.reference(), digest)
    expect(found).toMatchObject({
      via: referrersApi ? 'api' : 'tag',
      manifests: [{ digest: attached.digest, artifactType: 'application/x' }],
      skipped: 0,
    })
    expect(
      (
        await registry.client.referrers(registry.reference(), digest, {
          artifactType: 'application/x',
        })
      ).manifests.length,
    ).toBe(1)
    expect(
      (
        await registry.client.referrers(registry.reference(), digest, {
          artifactType: 'application/y',
        })
      ).manifests,
    ).toEqual([])
  })

  test(`attach() loses nothing, when ten attach at once, ${how}`, { timeout: 60_000 }, async () => {
    await using registry = await startRegistry({ referrersApi })
    const attached = await Promise.all(
      Array.from({ length: 10 }, (_, i) => attachTo(registry.connect(), registry, `note ${i}`)),
    )
    const { manifests } = await registry.client.referrers(registry.reference(), digest)
    expect(manifests.map((one) => one.digest).sort()).toEqual(
      attached.map((one) => one.digest).sort(),
    )
  })
}

test('attach() writes the tag, when a registry claims a list it does not have', async () => {
  await using registry = await startRegistry({ referrersApi: false })
  registry.lie((request, response) => {
    if (request.method === 'PUT') response.setHeader('oci-subject', digest)
    return false
  })
  const attached = await attachTo(registry.client, registry, 'a note')
  expect(await registry.client.referrers(registry.reference(), digest)).toMatchObject({
    via: 'tag',
    manifests: [{ digest: attached.digest }],
  })
})

test('attach() tries again, when the registry does not see our blob for a moment', async () => {
  await using registry = await startRegistry()
  let puts = 0
  registry.lie(
    (request, response) =>
      request.method === 'PUT' &&
      request.url?.includes('/manifests/') === true &&
      puts++ < 2 &&
      answer(response, 400, JSON.stringify({ errors: [{ code: 'MANIFEST_BLOB_UNKNOWN' }] })),
  )
  await attachTo(registry.client, registry, 'a note')
  expect(puts).toBe(3)
})

test('attach() says so, when others keep overwriting the list', async () => {
  await using registry = await startRegistry({ referrersApi: false })
  const others = listOf([await entry('of another')])
  registry.lie((request, response) => {
    if (request.url?.includes(referrersTag(digest)) !== true) return false
    return request.method === 'PUT'
      ? answer(response, 201, '')
      : answer(response, 200, others, index)
  })
  await expect(attachTo(registry.client, registry, 'a note')).rejects.toThrowCode(
    'ERR_REGISTRY_CONFLICT',
  )
})

test('attach() notices that another writer replaced the list after it was seen', async () => {
  await using registry = await startRegistry({ referrersApi: false })
  let reads = 0
  registry.lie((request, response) => {
    if (request.method !== 'GET' || request.url?.includes(referrersTag(digest)) !== true)
      return false
    reads++
    // The third look finds the list of somebody who had read it before we wrote it.
    return reads === 3 && answer(response, 404, '')
  })
  await attachTo(registry.client, registry, 'a note')
  expect(reads).toBe(5)
})

test('attach() is not kept from listing by a referrer that was deleted', async () => {
  await using registry = await startRegistry({ referrersApi: false })
  const deleted = await attachTo(registry.client, registry, 'first')
  await fetch(`${registry.url}/v2/acme/jira/manifests/${deleted.digest}`, { method: 'DELETE' })
  const attached = await attachTo(registry.client, registry, 'second')
  const { manifests } = await registry.client.referrers(registry.reference(), digest)
  expect(manifests.map((one) => one.digest)).toEqual([attached.digest])
})

test('referrers() asks the manifest, when a copy of the list lost its types', async () => {
  await using registry = await startRegistry({ referrersApi: false })
  const attached = await attachTo(registry.client, registry, 'a note')
  const { mediaType, digest: of, size } = attached
  const bare = encodeUtf8(listOf([{ mediaType, digest: of, size }]))
  await registry.client.putManifest(
    registry.reference(`:${referrersTag(digest)}`),
    bare,
    MEDIA_TYPES.imageIndex,
  )
  expect(
    await registry.client.referrers(registry.reference(), digest, {
      artifactType: 'application/x',
    }),
  ).toMatchObject({ manifests: [{ digest: of, artifactType: 'application/x' }], skipped: 0 })
})

test('referrers() is not fooled by a registry that answers the tag with the subject itself', async () => {
  await using registry = await startRegistry({ referrersApi: false })
  const list = encodeUtf8(listOf([await entry('inside')]))
  registry.lie(
    (request, response) =>
      request.url?.includes('/manifests/') === true && answer(response, 200, list, index),
  )
  expect(await registry.client.referrers(registry.reference(), await digestOf(list))).toEqual({
    via: 'tag',
    manifests: [],
    skipped: 0,
  })
})

test('referrers() passes over rubbish and finds what is good', async () => {
  await using registry = await startRegistry()
  const good = await entry('good')
  const rubbish = [
    null,
    7,
    {},
    { ...good, digest: 'sha256:x' },
    { ...good, size: 'x' },
    { ...good, mediaType: '<b>' },
    { ...good, artifactType: undefined, digest: await digestOf(encodeUtf8('gone')) },
    good,
  ]
  registry.lie(
    (request, response) =>
      request.url?.includes('/referrers/') === true &&
      answer(response, 200, listOf([...rubbish, good]), index),
  )
  expect(await registry.client.referrers(registry.reference(), digest)).toMatchObject({
    manifests: [{ digest: good.digest }],
    skipped: 7,
  })
})

test('referrers() looks at no more than 1,000 entries, and into no more than 256', async () => {
  await using registry = await startRegistry()
  const many = await Promise.all(Array.from({ length: 3000 }, (_, i) => entry(`${i}`)))
  const bare = await Promise.all(
    Array.from({ length: 500 }, (_, i) => entry(`bare ${i}`, { artifactType: undefined })),
  )
  let manifests = 0
  registry.lie((request, response) => {
    if (request.url?.includes('/manifests/') === true) manifests++
    return (
      request.url?.includes('/referrers/') === true &&
      answer(response, 200, listOf([...bare, ...many]), index)
    )
  })
  const found = await registry.client.referrers(registry.reference(), digest)
  expect([found.manifests.length, found.skipped, manifests]).toEqual([1000, 2500, 256])
})

for (const [lie, body, headers, code] of [
  [
    'does not end',
    listOf([]),
    { ...index, link: `</v2/acme/jira/referrers/${digest}>; rel="next"` },
    undefined,
  ],
  [
    'goes on at another host',
    listOf([]),
    { ...index, link: '<https://evil.example/>; rel="next"' },
    'ERR_REGISTRY_RESPONSE',
  ],
  [
    'is larger than anybody reads',
    listOf([await entry('x', { annotations: { x: 'x'.repeat(5 << 20) } })]),
    index,
    'ERR_REGISTRY_RESPONSE',
  ],
  ['has 100,000 entries', listOf(Array(100_000).fill(0)), index, 'ERR_REGISTRY_RESPONSE'],
  ['is no JSON', 'nonsense', index, 'ERR_REGISTRY_RESPONSE'],
] as const) {
  test(`referrers() ${code === undefined ? 'stops reading' : 'refuses'} a list that ${lie}`, async () => {
    await using registry = await startRegistry()
    registry.lie((_, response) => answer(response, 200, body, headers))
    const listed = registry.client.referrers(registry.reference(), digest)
    if (code === undefined) expect(await listed).toMatchObject({ manifests: [], skipped: 1 })
    else await expect(listed).rejects.toThrowCode(code)
  })
}
