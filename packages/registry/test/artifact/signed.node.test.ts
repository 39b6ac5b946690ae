/** Publish and pull with the real signatures, and what a registry tries to get past them. */
import { canonicalJson, concatBytes, encodeUtf8 } from '@morphee/core'
import { type Descriptor, MEDIA_TYPES, publishArtifact, pullVerified } from '@morphee/registry'
import {
  createSigners,
  generateIdentity,
  type Identity,
  signDescriptor,
  type Trust,
  tryParseName,
  verifyArtifact,
} from '@morphee/signing'
import { beforeAll, expect, test } from 'vitest'
import { answer, startRegistry, type TestRegistry } from '../registry.ts'
import { component } from './extension.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const subject = { country: 'DE', state: 'Berlin', organization: 'Acme GmbH', commonName: 'acme' }
let acme: Identity
let stranger: Identity
let trust: Trust
beforeAll(async () => {
  acme = await generateIdentity({ subject, now })
  stranger = await generateIdentity({ subject, now })
  const identities = [tryParseName('C=DE, ST=Berlin, O=Acme GmbH') ?? []]
  trust = {
    policy: {
      statements: [{ name: 'default', registryScopes: ['*'], stores: ['acme'], identities }],
    },
    stores: new Map([['acme', acme.chainDer]]),
    publishers: {
      version: 1,
      expires: '2026-11-29T12:00:00Z',
      publishers: [
        {
          id: 'acme',
          name: 'Acme GmbH',
          keys: [{ keyId: acme.keyId, status: 'active', addedAt: '2026-01-01T00:00:00Z' }],
        },
      ],
    },
  }
})

const extension = (name: string, version: string) => component(canonicalJson({ name, version }))
const readManifest = (wasm: Uint8Array) =>
  JSON.parse(new TextDecoder().decode(wasm.subarray(8))) as { name: string; version: string }

async function publish(
  registry: TestRegistry,
  { name = 'acme/jira', version = '1.2.0', identity = acme, wasm = extension(name, version) } = {},
) {
  const [signer] = await createSigners(identity)
  return publishArtifact({
    client: registry.client,
    reference: registry.reference(),
    wasm,
    facts: { name, version },
    created: new Date(now),
    signDescriptor: ({ annotations, ...target }) =>
      signDescriptor(target, signer, {
        signingTime: now,
        ...(annotations === undefined ? {} : { annotations }),
      }),
  })
}

const pull = (registry: TestRegistry, tag = '1.2.0') =>
  pullVerified({
    client: registry.client,
    reference: registry.reference(`:${tag}`),
    verify: ({ reference, ...artifact }) =>
      verifyArtifact({
        ...artifact,
        readManifest,
        asked: {
          name: 'acme/jira',
          ...(reference.tag === undefined ? {} : { version: reference.tag }),
        },
        trust,
        now,
      }),
  })

test('publishArtifact(), pullVerified() and verifyArtifact() agree on what was signed', async () => {
  await using registry = await startRegistry()
  const published = await publish(registry)
  const pulled = await pull(registry)
  expect(pulled.verified).toMatchObject({
    publisher: 'acme',
    name: 'acme/jira',
    version: '1.2.0',
    manifestDigest: published.manifestDigest,
  })
})

/** Makes the registry answer `tag` with the manifest of another one. */
function swap(registry: TestRegistry, tag: string, digest: string): void {
  registry.lie((request) => {
    if (request.url?.endsWith(`/manifests/${tag}`) === true)
      request.url = request.url.replace(tag, digest)
    return false
  })
}

for (const [attack, arrange, code] of [
  [
    "another publisher's key over the same name",
    (registry) => publish(registry, { identity: stranger }),
    'ERR_SIGNING_UNTRUSTED',
  ],
  [
    'an older version under the tag of the new one',
    async (registry) => {
      const old = await publish(registry, { version: '1.0.0' })
      await publish(registry)
      swap(registry, '1.2.0', old.manifestDigest)
    },
    'ERR_SIGNING_VERSION_MISMATCH',
  ],
  [
    'another extension of the same publisher',
    async (registry) => {
      const other = await publish(registry, { name: 'acme/spy', version: '9.0.0' })
      swap(registry, '1.2.0', other.manifestDigest)
    },
    'ERR_SIGNING_NAME_MISMATCH',
  ],
  [
    'annotations that say something else than the manifest inside',
    (registry) => publish(registry, { wasm: extension('acme/jira', '1.1.0') }),
    'ERR_SIGNING_MANIFEST_MISMATCH',
  ],
  [
    'a flipped bit in the WebAssembly',
    async (registry) => {
      const { wasmDigest } = await publish(registry)
      registry.lie(
        (request, response) =>
          request.url?.endsWith(`/blobs/${wasmDigest}`) === true &&
          answer(response, 200, extension('acme/jira', '1.2.1')),
      )
    },
    'ERR_REGISTRY_CONTENT',
  ],
  [
    'no signature',
    async (registry) => {
      await publish(registry)
      registry.lie(
        (request, response) =>
          request.url?.includes('/referrers/') === true &&
          answer(response, 200, JSON.stringify({ schemaVersion: 2, manifests: [] }), {
            'content-type': MEDIA_TYPES.imageIndex,
          }),
      )
    },
    'ERR_REGISTRY_UNSIGNED',
  ],
  [
    'the good signature of another manifest, attached to this one',
    async (registry) => {
      const [signer] = await createSigners(acme)
      await publish(registry, { version: '1.0.0' })
      const { descriptor } = await registry.client.getManifest(registry.reference(':1.0.0'))
      const envelope = await signDescriptor(descriptor, signer, { signingTime: now })
      await publishArtifact({
        client: registry.client,
        reference: registry.reference(),
        wasm: extension('acme/jira', '1.2.0'),
        facts: { name: 'acme/jira', version: '1.2.0' },
        created: new Date(now),
        signDescriptor: () => Promise.resolve(envelope),
      })
    },
    'ERR_SIGNING_TARGET_MISMATCH',
  ],
] as const satisfies readonly (readonly [
  string,
  (registry: TestRegistry) => Promise<unknown>,
  string | undefined,
])[]) {
  test(`pullVerified() with verifyArtifact() refuses ${attack}`, async () => {
    await using registry = await startRegistry()
    await arrange(registry)
    await expect(pull(registry)).rejects.toThrowCode(code)
  })
}

test('pullVerified() with verifyArtifact() takes the good signature among bad ones', async () => {
  await using registry = await startRegistry()
  const { manifestDigest } = await publish(registry)
  const { descriptor } = await registry.client.getManifest(registry.reference(`@${manifestDigest}`))
  const attach = (content: Uint8Array<ArrayBuffer>): Promise<Descriptor> =>
    registry.client.attach(registry.reference(), {
      subject: descriptor,
      artifactType: MEDIA_TYPES.notarySignature,
      content,
      contentType: MEDIA_TYPES.joseEnvelope,
    })
  const [signer] = await createSigners(stranger)
  await attach(await signDescriptor(descriptor, signer, { signingTime: now }))
  await attach(encodeUtf8('rubbish'))
  await attach(concatBytes([encodeUtf8('{'), new Uint8Array(1000)]))
  expect((await pull(registry)).verified.publisher).toBe('acme')
})
