import {
  ANNOTATIONS,
  createArtifactDocuments,
  MEDIA_TYPES,
  publishArtifact,
  pullVerified,
} from '@morphee/registry'
import { expect, test } from 'vitest'
import { startRegistry } from '../registry.ts'
import { component, publication, signDescriptor } from './extension.ts'

test('createArtifactDocuments() gives the same digest for the same bytes, facts and time', async () => {
  const { wasm, facts, created } = publication
  const documents = await createArtifactDocuments(wasm, facts, created)
  expect(
    await createArtifactDocuments(wasm.slice(), { ...facts }, new Date(created.getTime() + 999)),
  ).toEqual(documents)
  expect(new TextDecoder().decode(documents.manifest)).toMatchInlineSnapshot(
    `"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.wasm.config.v0+json","digest":"sha256:13d8c504f68f8c74464392f6b56c6a76ca8725a8287c211fbe8c577f5f79b0ff","size":201},"layers":[{"mediaType":"application/wasm","digest":"sha256:3c1a4b67aa46809bad56e79d76ffcf4f62a3beca9019b0ba4069f765f339621f","size":13,"annotations":{"org.opencontainers.image.title":"jira.wasm"}}],"annotations":{"org.opencontainers.image.created":"2026-11-22T05:30:00Z","org.opencontainers.image.version":"1.2.0","dev.morphee.name":"acme/jira","org.opencontainers.image.title":"Jira"}}"`,
  )
  expect(new TextDecoder().decode(documents.config)).toMatchInlineSnapshot(
    `"{"created":"2026-11-22T05:30:00Z","architecture":"wasm","os":"wasip2","layerDigests":["sha256:3c1a4b67aa46809bad56e79d76ffcf4f62a3beca9019b0ba4069f765f339621f"],"component":{"imports":[],"exports":[]}}"`,
  )
})

test('createArtifactDocuments() refuses what is not WebAssembly', async () => {
  await expect(
    createArtifactDocuments(new Uint8Array(100), publication.facts, new Date()),
  ).rejects.toThrowCode('ERR_REGISTRY_ARTIFACT')
})

test('publishArtifact() never shows an unsigned version: blobs, manifest by digest, signature, and the tag last', async () => {
  await using registry = await startRegistry()
  const writes: string[] = []
  registry.lie((request) => {
    if (request.method === 'PUT')
      writes.push(
        (request.url ?? '')
          .replace(/\?.*/, '')
          .replace(/sha256:\w+/, 'DIGEST')
          .replace(/uploads\/.*/, 'uploads/ID'),
      )
    return false
  })
  const { client } = registry
  await publishArtifact({ client, reference: registry.reference(), ...publication })
  const blob = '/v2/acme/jira/blobs/uploads/ID'
  const manifest = '/v2/acme/jira/manifests/DIGEST'
  expect(writes).toEqual([
    blob,
    blob,
    manifest,
    blob,
    blob,
    manifest,
    '/v2/acme/jira/manifests/1.2.0',
  ])
})

test('publishArtifact() leaves no tag, when signing fails', async () => {
  await using registry = await startRegistry()
  const { client } = registry
  const refusal = new Error('no key')
  await expect(
    publishArtifact({
      client,
      reference: registry.reference(),
      ...publication,
      signDescriptor: () => Promise.reject(refusal),
    }),
  ).rejects.toBe(refusal)
  expect(await client.tags(registry.reference())).toEqual([])
})

test('publishArtifact() gives the signer the digest of the manifest and of the bytes', async () => {
  await using registry = await startRegistry()
  const { client } = registry
  const signed: unknown[] = []
  const published = await publishArtifact({
    client,
    reference: registry.reference(),
    ...publication,
    signDescriptor: (descriptor) => {
      signed.push(descriptor)
      return signDescriptor(descriptor)
    },
  })
  expect(signed).toMatchObject([
    {
      mediaType: MEDIA_TYPES.imageManifest,
      digest: published.manifestDigest,
      annotations: { [ANNOTATIONS.wasmDigest]: published.wasmDigest },
    },
  ])
  expect(published.reference).toMatchObject({ tag: '1.2.0', digest: published.manifestDigest })
  expect(published.signatures[0]?.annotations?.[ANNOTATIONS.thumbprints]).toMatch(
    /^\["[0-9a-f]{64}"\]$/,
  )
})

test('publishArtifact() refuses a version that exists, and moves it only by force', async () => {
  await using registry = await startRegistry()
  const { client } = registry
  const first = await publishArtifact({ client, reference: registry.reference(), ...publication })
  const other = {
    client,
    reference: registry.reference(),
    ...publication,
    wasm: component('other bytes'),
  }
  await expect(publishArtifact(other)).rejects.toThrowCode('ERR_REGISTRY_VERSION_EXISTS')
  expect(await client.resolve(registry.reference(':1.2.0'))).toBe(first.manifestDigest)
  const forced = await publishArtifact({ ...other, force: true })
  expect(await client.resolve(registry.reference(':1.2.0'))).toBe(forced.manifestDigest)
})

test('publishArtifact() can be run again, when it was cut off anywhere', async () => {
  await using registry = await startRegistry()
  const { client } = registry
  for (let cut = 1; cut < 20; cut++) {
    let writes = 0
    registry.lie((request) => {
      if (request.method !== 'PUT' || ++writes !== cut) return false
      request.socket.destroy()
      return true
    })
    const impatient = registry.connect({ retries: 0 })
    await publishArtifact({
      client: impatient,
      reference: registry.reference(),
      ...publication,
    }).catch(() => undefined)
    // Whoever sees the tag sees a signature.
    if ((await client.tags(registry.reference()).catch(() => [])).length > 0) break
  }
  registry.lie(() => false)
  await publishArtifact({ client, reference: registry.reference(), ...publication })
  const pulled = await pullVerified({
    client,
    reference: registry.reference(':1.2.0'),
    verify: () => Promise.resolve('yes'),
  })
  expect(pulled.wasm).toEqual(publication.wasm)
})

test('publishArtifact() attaches every envelope it is given, and refuses none', async () => {
  await using registry = await startRegistry()
  const { client } = registry
  const options = { client, reference: registry.reference(), ...publication }
  await expect(
    publishArtifact({ ...options, signDescriptor: () => Promise.resolve([]) }),
  ).rejects.toThrow(TypeError)
  expect(await client.tags(registry.reference())).toEqual([])
  const both = await publishArtifact({
    ...options,
    signDescriptor: async (descriptor) => [
      await signDescriptor(descriptor),
      await signDescriptor({ ...descriptor, annotations: {} }),
    ],
  })
  const pulled = await pullVerified({
    client,
    reference: registry.reference(':1.2.0'),
    verify: ({ envelopes }) => Promise.resolve(envelopes.length),
  })
  expect([both.signatures.length, pulled.verified]).toEqual([2, 2])
})

for (const [why, suffix, version] of [
  ['another version', ':latest', '1.2.0'],
  ['a digest', `@sha256:${'0'.repeat(64)}`, '1.2.0'],
  ['build metadata', '', '1.2.0+linux'],
] as const) {
  test(`publishArtifact() refuses a reference with ${why}`, async () => {
    await using registry = await startRegistry()
    const { client } = registry
    const facts = { ...publication.facts, version }
    await expect(
      publishArtifact({ client, reference: registry.reference(suffix), ...publication, facts }),
    ).rejects.toThrowCode('ERR_REGISTRY_REFERENCE')
  })
}
