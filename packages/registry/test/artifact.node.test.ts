import { concatBytes, encodeUtf8, toBase64 } from '@morphee/core'
import { startRegistryServer } from '@morphee/registry-server'
import {
  createMemoryCache,
  createRegistryClient,
  MEDIA_TYPES,
  parseReference,
  publishArtifact,
  pullVerified,
} from '@morphee/registry'
import { expect, test } from 'vitest'
import { fetchTransport } from './fetch-transport.ts'

const component = concatBytes([
  Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0),
  Uint8Array.of(0, 5, 1, 0x78, 1, 2, 3),
])
const facts = { name: 'acme/jira', version: '1.2.0', title: 'Jira' }
const created = new Date('2026-11-22T05:30:00Z')
const signDescriptor = (descriptor: unknown) =>
  Promise.resolve(
    encodeUtf8(JSON.stringify({ descriptor, header: { x5c: [toBase64(Uint8Array.of(1, 2, 3))] } })),
  )

for (const referrersApi of [true, false]) {
  test(`publishArtifact() and pullVerified() carry an extension through a registry ${referrersApi ? 'with' : 'without'} a referrers API`, async () => {
    await using server = await startRegistryServer({ referrersApi })
    const client = createRegistryClient({ transport: fetchTransport })
    const reference = parseReference(`${server.registry}/acme/jira:1.2.0`)
    const published = await publishArtifact({
      client,
      reference,
      wasm: component,
      facts,
      created,
      signDescriptor,
    })
    const cache = createMemoryCache()
    const pulled = await pullVerified({
      client,
      reference,
      cache,
      verify: (artifact) => Promise.resolve(artifact.envelopes.length),
    })
    expect(pulled.wasm).toEqual(component)
    expect(pulled.verified).toBe(1)
    expect(pulled.manifestDigest).toBe(published.manifestDigest)
    expect(await cache.get(pulled.wasmDigest)).toEqual(component)
    expect(
      await client.referrers(reference, published.manifestDigest, {
        artifactType: MEDIA_TYPES.notarySignature,
      }),
    ).toMatchObject({ via: referrersApi ? 'api' : 'tag', skipped: 0 })
    expect(await client.tags(reference)).toEqual(['1.2.0'])
  })
}
