import { encodeUtf8 } from '@morphee/core'
import {
  createArtifactDocuments,
  createMemoryCache,
  type Descriptor,
  MEDIA_TYPES,
  publishArtifact,
  pullVerified,
  referrersTag,
  type UnverifiedArtifact,
} from '@morphee/registry'
import { expect, test } from 'vitest'
import { answer, startRegistry, type TestRegistry } from '../registry.ts'
import { component, publication } from './extension.ts'

const publish = (registry: TestRegistry) =>
  publishArtifact({ client: registry.client, reference: registry.reference(), ...publication })
const agree = (artifact: UnverifiedArtifact) => Promise.resolve(artifact)

test('pullVerified() gives the verification everything, and the caller the very bytes that were verified', async () => {
  await using registry = await startRegistry()
  const published = await publish(registry)
  const reference = registry.reference(':1.2.0')
  const { wasm, verified, ...rest } = await pullVerified({
    client: registry.client,
    reference,
    verify: agree,
  })
  expect(verified).toMatchObject({
    reference,
    digest: published.manifestDigest,
    annotations: { 'dev.morphee.name': 'acme/jira' },
    scope: `${reference.registry}/acme/jira`,
  })
  expect(verified.wasm).toBe(wasm)
  expect(verified.envelopes.length).toBe(1)
  expect(rest).toEqual({
    manifestDigest: published.manifestDigest,
    wasmDigest: published.wasmDigest,
    skipped: [],
  })
})

test('pullVerified() hands nothing over and keeps nothing, when the verification refuses', async () => {
  await using registry = await startRegistry()
  const { wasmDigest } = await publish(registry)
  const cache = createMemoryCache()
  const refusal = new Error('another publisher')
  await expect(
    pullVerified({
      client: registry.client,
      reference: registry.reference(':1.2.0'),
      cache,
      verify: () => Promise.reject(refusal),
    }),
  ).rejects.toBe(refusal)
  expect(await cache.get(wasmDigest)).toBeUndefined()
})

test('pullVerified() refuses an artifact without a signature', async () => {
  await using registry = await startRegistry()
  const { wasm, facts, created } = publication
  const { config, manifest } = await createArtifactDocuments(wasm, facts, created)
  await registry.client.pushBlob(registry.reference(), wasm, MEDIA_TYPES.wasm)
  await registry.client.pushBlob(registry.reference(), config, MEDIA_TYPES.wasmConfig)
  await registry.client.putManifest(
    registry.reference(':1.2.0'),
    manifest,
    MEDIA_TYPES.imageManifest,
  )
  await expect(
    pullVerified({
      client: registry.client,
      reference: registry.reference(':1.2.0'),
      verify: agree,
    }),
  ).rejects.toThrowCode('ERR_REGISTRY_UNSIGNED')
})

test('pullVerified() resolves a tag once: a tag that moves meanwhile changes nothing', async () => {
  await using registry = await startRegistry()
  const { manifestDigest } = await publish(registry)
  let resolved = 0
  registry.lie((request, response) => {
    if (request.url?.endsWith('/manifests/1.2.0') !== true) return false
    return resolved++ > 0 && answer(response, 404, '')
  })
  const pulled = await pullVerified({
    client: registry.client,
    reference: registry.reference(':1.2.0'),
    verify: agree,
  })
  expect([pulled.manifestDigest, resolved]).toEqual([manifestDigest, 1])
})

test('pullVerified() goes by the digest, when a reference has both', async () => {
  await using registry = await startRegistry()
  const { manifestDigest } = await publish(registry)
  const pulled = await pullVerified({
    client: registry.client,
    reference: registry.reference(`:9.9.9@${manifestDigest}`),
    verify: agree,
  })
  expect(pulled.manifestDigest).toBe(manifestDigest)
})

test('pullVerified() takes the bytes from the cache, and downloads them when the cache is damaged', async () => {
  await using registry = await startRegistry()
  const { wasmDigest } = await publish(registry)
  const cache = createMemoryCache()
  const options = {
    client: registry.client,
    reference: registry.reference(':1.2.0'),
    cache,
    verify: agree,
  }
  await pullVerified(options)
  let downloads = 0
  registry.lie((request) => {
    if (request.method === 'GET' && request.url?.endsWith(`/blobs/${wasmDigest}`) === true)
      downloads++
    return false
  })
  expect((await pullVerified(options)).wasm).toEqual(publication.wasm)
  expect(downloads).toBe(0)
  const damaged = { ...cache, get: () => Promise.resolve(undefined) }
  expect((await pullVerified({ ...options, cache: damaged })).wasm).toEqual(publication.wasm)
  expect(downloads).toBe(1)
})

for (const [what, content, contentType, artifactType] of [
  [
    'an envelope of another type',
    encodeUtf8('{}'),
    'application/cose',
    MEDIA_TYPES.notarySignature,
  ],
  [
    'an envelope of 1 MiB',
    new Uint8Array(1 << 20),
    MEDIA_TYPES.joseEnvelope,
    MEDIA_TYPES.notarySignature,
  ],
] as const) {
  test(`pullVerified() finds the good signature beside ${what}`, async () => {
    await using registry = await startRegistry()
    const { manifestDigest } = await publish(registry)
    const { descriptor } = await registry.client.getManifest(
      registry.reference(`@${manifestDigest}`),
    )
    await registry.client.attach(registry.reference(), {
      subject: descriptor,
      artifactType,
      content,
      contentType,
    })
    const pulled = await pullVerified({
      client: registry.client,
      reference: registry.reference(':1.2.0'),
      verify: agree,
    })
    expect([pulled.verified.envelopes.length, pulled.skipped.length]).toEqual([1, 1])
  })
}

test('pullVerified() reads signature manifests of the older form, whose type is that of their config', async () => {
  for (const referrersApi of [true, false]) {
    await using registry = await startRegistry({ referrersApi })
    const { manifestDigest } = await publish(registry)
    const { descriptor } = await registry.client.getManifest(
      registry.reference(`@${manifestDigest}`),
    )
    const [layer, empty] = [
      await registry.client.pushBlob(
        registry.reference(),
        encodeUtf8('an older envelope'),
        MEDIA_TYPES.joseEnvelope,
      ),
      await registry.client.pushBlob(
        registry.reference(),
        encodeUtf8('{}'),
        MEDIA_TYPES.notarySignature,
      ),
    ]
    const older = encodeUtf8(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.imageManifest,
        config: empty,
        layers: [layer],
        subject: descriptor,
      }),
    )
    const put = await registry.client.putManifest(
      registry.reference(),
      older,
      MEDIA_TYPES.imageManifest,
    )
    if (!referrersApi) {
      const list = encodeUtf8(
        JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.imageIndex, manifests: [put] }),
      )
      await registry.client.putManifest(
        registry.reference(`:${referrersTag(manifestDigest)}`),
        list,
        MEDIA_TYPES.imageIndex,
      )
    }
    const pulled = await pullVerified({
      client: registry.client,
      reference: registry.reference(':1.2.0'),
      verify: agree,
    })
    expect(pulled.verified.envelopes.map((bytes) => new TextDecoder().decode(bytes))).toContain(
      'an older envelope',
    )
  }
})

test('pullVerified() does not take the signature of another manifest for one of this', async () => {
  await using registry = await startRegistry()
  const first = await publish(registry)
  const facts = { ...publication.facts, version: '2.0.0' }
  const second = await publishArtifact({
    client: registry.client,
    reference: registry.reference(),
    ...publication,
    facts,
  })
  // The registry lists the signature of 1.2.0 for 2.0.0 as well, and hides the right one.
  registry.lie((request, response) => {
    if (request.url?.includes(`/referrers/${second.manifestDigest}`) !== true) return false
    const list = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.imageIndex,
      manifests: first.signatures,
    }
    return answer(response, 200, JSON.stringify(list), { 'content-type': MEDIA_TYPES.imageIndex })
  })
  await expect(
    pullVerified({
      client: registry.client,
      reference: registry.reference(':2.0.0'),
      verify: agree,
    }),
  ).rejects.toThrowCode('ERR_REGISTRY_UNSIGNED')
})

test('junk signatures: 200 listed before the good one do not hide it', async () => {
  await using registry = await startRegistry()
  const [signature] = (await publish(registry)).signatures as [Descriptor]
  const junk = Array.from({ length: 200 }, (_, i) => ({
    ...signature,
    digest: `sha256:${i.toString(16).padStart(64, '0')}`,
  }))
  const list = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.imageIndex,
    manifests: [...junk, signature],
  }
  registry.lie((request, response) =>
    request.url?.includes('/referrers/') === true
      ? answer(response, 200, JSON.stringify(list), { 'content-type': MEDIA_TYPES.imageIndex })
      : false,
  )
  const pulled = await pullVerified({
    client: registry.client,
    reference: registry.reference(':1.2.0'),
    verify: agree,
  })
  expect(pulled.verified.envelopes.length).toBe(1)
  expect(pulled.skipped.length).toBe(200)
})

test('pullVerified() looks at no more than 256 signatures', async () => {
  await using registry = await startRegistry()
  const [signature] = (await publish(registry)).signatures as [Descriptor]
  const others = Array.from({ length: 400 }, (_, i) => ({
    ...signature,
    digest: `sha256:${i.toString(16).padStart(64, '0')}`,
  }))
  let manifests = 0
  registry.lie((request, response) => {
    if (request.url?.includes('/manifests/sha256') === true) manifests++
    if (request.url?.includes('/referrers/') !== true) return false
    return answer(
      response,
      200,
      JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPES.imageIndex,
        manifests: [signature, ...others],
      }),
      { 'content-type': MEDIA_TYPES.imageIndex },
    )
  })
  const pulled = await pullVerified({
    client: registry.client,
    reference: registry.reference(':1.2.0'),
    verify: agree,
  })
  expect([pulled.verified.envelopes.length, manifests]).toEqual([1, 256])
})

test('pullVerified() does not take a broken network for a bad signature', async () => {
  await using registry = await startRegistry({}, { retries: 0 })
  const [signature] = (await publish(registry)).signatures as [Descriptor]
  registry.lie(
    (request) =>
      request.url?.includes(signature.digest) === true && request.socket.destroy() !== undefined,
  )
  await expect(
    pullVerified({
      client: registry.client,
      reference: registry.reference(':1.2.0'),
      verify: agree,
    }),
  ).rejects.toThrowCode('ERR_EGRESS_UNREACHABLE')
})

test('pullVerified() refuses more WebAssembly than allowed, before it reads any', async () => {
  await using registry = await startRegistry()
  await publish(registry)
  await expect(
    pullVerified({
      client: registry.client,
      reference: registry.reference(':1.2.0'),
      maxWasmBytes: 5,
      verify: agree,
    }),
  ).rejects.toThrowCode('ERR_REGISTRY_TOO_LARGE')
})

test('pullVerified() refuses more WebAssembly than allowed, though the cache holds it', async () => {
  await using registry = await startRegistry()
  await publish(registry)
  const cache = createMemoryCache()
  await cache.put(publication.wasm)
  const reference = registry.reference(':1.2.0')
  await expect(
    pullVerified({ client: registry.client, reference, cache, maxWasmBytes: 5, verify: agree }),
  ).rejects.toThrowCode('ERR_REGISTRY_TOO_LARGE')
})

const { config, manifest } = await createArtifactDocuments(
  publication.wasm,
  publication.facts,
  publication.created,
)
const document = JSON.parse(new TextDecoder().decode(manifest)) as {
  layers: unknown[]
  config: Record<string, unknown>
}
for (const [what, change] of [
  ['two layers', { layers: [...document.layers, ...document.layers] }],
  ['no layer', { layers: [] }],
  [
    'a layer of another type',
    { layers: [{ ...(document.layers[0] as object), mediaType: 'application/gzip' }] },
  ],
  [
    'the config of a container image',
    { config: { ...document.config, mediaType: 'application/vnd.oci.image.config.v1+json' } },
  ],
  ['a subject', { subject: document.layers[0] }],
] as const) {
  test(`pullVerified() refuses a manifest with ${what}`, async () => {
    await using registry = await startRegistry()
    await registry.client.pushBlob(registry.reference(), component(), MEDIA_TYPES.wasm)
    await registry.client.pushBlob(registry.reference(), config, MEDIA_TYPES.wasmConfig)
    await registry.client.putManifest(
      registry.reference(':1.2.0'),
      encodeUtf8(JSON.stringify({ ...document, ...change })),
      MEDIA_TYPES.imageManifest,
    )
    await expect(
      pullVerified({
        client: registry.client,
        reference: registry.reference(':1.2.0'),
        verify: agree,
      }),
    ).rejects.toThrowCode('ERR_REGISTRY_ARTIFACT')
  })
}
