/** Registries that lie. Each row is an attack; each would succeed without the defence it names. */
import { digestOf, encodeUtf8 } from '@morphee/core'
import { MEDIA_TYPES } from '@morphee/registry'
import { expect, test } from 'vitest'
import { publication } from '../artifact/extension.ts'
import { answer, type Intercept, startRegistry } from '../registry.ts'
import { createArtifactDocuments, publishArtifact } from '@morphee/registry'

const bytes = encodeUtf8('the bytes of a blob')
const descriptor = {
  mediaType: 'application/wasm',
  digest: await digestOf(bytes),
  size: bytes.length,
}
const { manifest, manifestDigest } = await createArtifactDocuments(
  publication.wasm,
  publication.facts,
  publication.created,
)
const type = { 'content-type': MEDIA_TYPES.imageManifest }
const json = (value: unknown): string => JSON.stringify(value)

for (const [attack, lie, code] of [
  [
    'other bytes of the same length',
    (_, r) => answer(r, 200, bytes.toReversed()),
    'ERR_REGISTRY_CONTENT',
  ],
  ['fewer bytes', (_, r) => answer(r, 200, bytes.subarray(1)), 'ERR_REGISTRY_CONTENT'],
  ['no bytes', (_, r) => answer(r, 200, ''), 'ERR_REGISTRY_CONTENT'],
  [
    'one byte more',
    (_, r) => answer(r, 200, `${new TextDecoder().decode(bytes)}!`),
    'ERR_REGISTRY_CONTENT',
  ],
  [
    'a body without end',
    (_, r) => {
      endless(r)
      return true
    },
    'ERR_REGISTRY_CONTENT',
  ],
  [
    'the digest in a header and other bytes',
    (_, r) =>
      answer(r, 200, 'x'.repeat(bytes.length), { 'docker-content-digest': descriptor.digest }),
    'ERR_REGISTRY_CONTENT',
  ],
  ['a part for the whole', (_, r) => answer(r, 206, bytes), 'ERR_REGISTRY_REFUSED'],
  [
    'a page instead',
    (_, r) => answer(r, 200, '<html>sign in</html>', { 'content-type': 'text/html' }),
    'ERR_REGISTRY_CONTENT',
  ],
  [
    'a redirect to a file',
    (_, r) => answer(r, 307, '', { location: 'file:///etc/passwd' }),
    'ERR_EGRESS_REDIRECT',
  ],
  [
    'a redirect to metadata',
    (_, r) => answer(r, 307, '', { location: 'http://169.254.169.254/latest/' }),
    'ERR_EGRESS_ADDRESS',
  ],
  [
    'a redirect in circles',
    (q, r) => answer(r, 302, '', { location: q.url ?? '' }),
    'ERR_EGRESS_REDIRECT',
  ],
] as const satisfies readonly (readonly [string, Intercept, string])[]) {
  test(`getBlob() refuses ${attack}`, async () => {
    await using registry = await startRegistry()
    registry.lie(lie)
    await expect(
      registry.client.getBlob(registry.reference(), descriptor, { maxBytes: 1000 }),
    ).rejects.toThrowCode(code)
  })
}

for (const [attack, lie, code] of [
  [
    'another manifest for a digest',
    (_, r) => answer(r, 200, `${new TextDecoder().decode(manifest)} `, type),
    'ERR_REGISTRY_CONTENT',
  ],
  [
    'the manifest as another type',
    (_, r) => answer(r, 200, manifest, { 'content-type': MEDIA_TYPES.imageIndex }),
    'ERR_REGISTRY_RESPONSE',
  ],
  [
    'the manifest as text',
    (_, r) => answer(r, 200, manifest, { 'content-type': 'text/html' }),
    'ERR_REGISTRY_RESPONSE',
  ],
  ['the manifest without a type', (_, r) => answer(r, 200, manifest), 'ERR_REGISTRY_RESPONSE'],
  [
    'a manifest without end',
    (_, r) => {
      endless(r, type)
      return true
    },
    'ERR_REGISTRY_TOO_LARGE',
  ],
  [
    'a manifest that says it is of 5 MiB',
    (_, r) => answer(r, 200, Buffer.alloc(5 << 20), type),
    'ERR_REGISTRY_TOO_LARGE',
  ],
] as const satisfies readonly (readonly [string, Intercept, string])[]) {
  test(`getManifest() refuses ${attack}`, async () => {
    await using registry = await startRegistry()
    registry.lie(lie)
    await expect(
      registry.client.getManifest(registry.reference(`@${manifestDigest}`)),
    ).rejects.toThrowCode(code)
  })
}

for (const [what, body] of [
  ['no JSON', 'nonsense'],
  ['bytes that are not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
  ['a list', '[]'],
  ['null', 'null'],
  ['an old schema', json({ schemaVersion: 1 })],
  ['no config', json({ schemaVersion: 2, layers: [] })],
  ['layers that are none', json({ schemaVersion: 2, config: descriptor, layers: [{}] })],
  [
    'a digest of another algorithm',
    json({
      schemaVersion: 2,
      config: descriptor,
      layers: [{ ...descriptor, digest: `sha512:${'0'.repeat(128)}` }],
    }),
  ],
  [
    'a size that is no number',
    json({ schemaVersion: 2, config: descriptor, layers: [{ ...descriptor, size: '5' }] }),
  ],
  [
    'a size below zero',
    json({ schemaVersion: 2, config: descriptor, layers: [{ ...descriptor, size: -1 }] }),
  ],
  [
    'a size past counting',
    json({ schemaVersion: 2, config: descriptor, layers: [{ ...descriptor, size: 2 ** 60 }] }),
  ],
  [
    'a subject that is none',
    json({ schemaVersion: 2, config: descriptor, layers: [], subject: 1 }),
  ],
  [
    'two types at once',
    json({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.imageIndex,
      manifests: [],
      config: descriptor,
      layers: [],
    }),
  ],
  ['nesting without end', '['.repeat(200_000)],
] as const) {
  test(`getManifest() refuses a manifest of ${what}`, async () => {
    await using registry = await startRegistry()
    registry.lie((_, response) => answer(response, 200, body, type))
    await expect(registry.client.getManifest(registry.reference(':1.2.0'))).rejects.toThrowCode(
      'ERR_REGISTRY_RESPONSE',
    )
  })
}

for (const [body, reason] of [
  [bytes.toReversed(), 'digest'],
  [bytes.subarray(1), 'too-short'],
  [new Uint8Array([...bytes, 0]), 'too-long'],
] as const) {
  test(`getBlob() says that the bytes are wrong by ${reason}`, async () => {
    await using registry = await startRegistry()
    registry.lie((_, response) => answer(response, 200, body))
    await expect(
      registry.client.getBlob(registry.reference(), descriptor, { maxBytes: 1000 }),
    ).rejects.toMatchObject({
      code: 'ERR_REGISTRY_CONTENT',
      details: { digest: descriptor.digest, reason },
    })
  })
}

test('resolve() computes the digest of a tag itself, whatever a header says', async () => {
  await using registry = await startRegistry()
  registry.lie((_, response) =>
    answer(response, 200, manifest, { ...type, 'docker-content-digest': descriptor.digest }),
  )
  expect(await registry.client.resolve(registry.reference(':1.2.0'))).toBe(manifestDigest)
})

test('resolve() needs a tag or a digest', async () => {
  await using registry = await startRegistry()
  await expect(registry.client.resolve(registry.reference())).rejects.toThrowCode(
    'ERR_REGISTRY_REFERENCE',
  )
})

test('putManifest() notices that the registry stored something else', async () => {
  await using registry = await startRegistry()
  registry.lie((_, response) =>
    answer(response, 201, '', { 'docker-content-digest': descriptor.digest }),
  )
  await expect(
    registry.client.putManifest(registry.reference(':1'), manifest, MEDIA_TYPES.imageManifest),
  ).rejects.toThrowCode('ERR_REGISTRY_CONTENT')
})

for (const location of [
  'https://evil.example/upload',
  '//evil.example/upload',
  'http://127.0.0.1:1/upload',
  'javascript:alert(1)',
  'http://[',
  '',
]) {
  test(`pushBlob() does not carry the bytes and the account to ${location === '' ? 'nowhere' : location}`, async () => {
    await using registry = await startRegistry()
    registry.lie(
      (request, response) =>
        request.method === 'POST' && answer(response, 202, '', location === '' ? {} : { location }),
    )
    await expect(
      registry.client.pushBlob(registry.reference(), bytes, 'application/wasm'),
    ).rejects.toThrowCode('ERR_REGISTRY_RESPONSE')
  })
}

test('pushBlob() is not sent in circles by a registry that keeps nothing of a chunk', async () => {
  await using registry = await startRegistry({}, { maxMonolithicBytes: 1, chunkBytes: 5 })
  registry.lie(
    (request, response) =>
      request.method === 'PATCH' &&
      answer(response, 202, '', { location: request.url ?? '', range: '0-0' }),
  )
  await expect(
    registry.client.pushBlob(registry.reference(), bytes, 'application/wasm'),
  ).rejects.toThrowCode('ERR_REGISTRY_RESPONSE')
})

test('publishArtifact() does not follow a redirect of a write', async () => {
  await using registry = await startRegistry()
  registry.lie(
    (request, response) =>
      request.method === 'POST' && answer(response, 307, '', { location: 'https://evil.example/' }),
  )
  const { client } = registry
  await expect(
    publishArtifact({ client, reference: registry.reference(), ...publication }),
  ).rejects.toThrowCode('ERR_REGISTRY_REFUSED')
})

function endless(
  response: Parameters<Intercept>[1],
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(200, headers)
  const chunk = Buffer.alloc(64 * 1024)
  const more = (): void => {
    if (response.destroyed) return
    response.write(chunk, () => setImmediate(more))
  }
  more()
}
