import { startRegistryServer } from '@morphee/registry-server'
import { expect, test } from 'vitest'
import { IMAGE, INDEX, manifestOf, pushBlob, putManifest, refusal, sha256 } from './push.ts'

const absent = { mediaType: 'application/wasm', digest: sha256('absent'), size: 6 }

for (const [why, body, type, code] of [
  ['names an absent layer', { layers: [absent] }, IMAGE, 'MANIFEST_BLOB_UNKNOWN'],
  ['names an absent config', { config: absent }, IMAGE, 'MANIFEST_BLOB_UNKNOWN'],
  [
    'lists an absent manifest',
    { mediaType: INDEX, manifests: [absent] },
    INDEX,
    'MANIFEST_BLOB_UNKNOWN',
  ],
  ['is sent as another type than it says', {}, INDEX, 'MANIFEST_INVALID'],
  ['is of a type nobody knows', { mediaType: 'text/html' }, 'text/html', 'MANIFEST_INVALID'],
  ['has another schema version', { schemaVersion: 1 }, IMAGE, 'MANIFEST_INVALID'],
  ['has no layers', { layers: undefined }, IMAGE, 'MANIFEST_INVALID'],
  [
    'has a digest that leaves the directory',
    { layers: [{ ...absent, digest: 'sha256:../../x' }] },
    IMAGE,
    'MANIFEST_INVALID',
  ],
  ['has a negative size', { layers: [{ ...absent, size: -1 }] }, IMAGE, 'MANIFEST_INVALID'],
  ['has an annotation that is no string', { annotations: { a: 1 } }, IMAGE, 'MANIFEST_INVALID'],
  ['has a subject that is none', { subject: 'sha256:x' }, IMAGE, 'MANIFEST_INVALID'],
] as const) {
  test(`startRegistryServer() refuses a manifest that ${why}`, async () => {
    await using server = await startRegistryServer()
    const config = await pushBlob(server.url, 'acme/jira', '{}')
    const response = await putManifest(
      server.url,
      'acme/jira',
      '1.0.0',
      manifestOf(config, body),
      type,
    )
    expect(await refusal(response)).toEqual([400, code])
    expect((await fetch(`${server.url}/v2/acme/jira/manifests/1.0.0`)).status).toBe(404)
  })
}

for (const [why, bytes] of [
  ['is not JSON', 'nonsense'],
  ['is not an object', '[]'],
  ['is not UTF-8', Uint8Array.of(0x7b, 0xff, 0x7d)],
] as const) {
  test(`startRegistryServer() refuses a manifest that ${why}`, async () => {
    await using server = await startRegistryServer()
    const response = await fetch(`${server.url}/v2/a/b/manifests/1`, {
      method: 'PUT',
      headers: { 'content-type': IMAGE },
      body: bytes,
    })
    expect(await refusal(response)).toEqual([400, 'MANIFEST_INVALID'])
  })
}

test('startRegistryServer() refuses a manifest of more than 4 MiB', async () => {
  await using server = await startRegistryServer()
  const config = await pushBlob(server.url, 'acme/jira', '{}')
  const large = manifestOf(config, { annotations: { a: 'x'.repeat(4 * 1024 * 1024) } })
  expect(await refusal(await putManifest(server.url, 'acme/jira', '1', large))).toEqual([
    413,
    'SIZE_INVALID',
  ])
})

test('startRegistryServer() refuses a manifest under the digest of another', async () => {
  await using server = await startRegistryServer()
  const config = await pushBlob(server.url, 'acme/jira', '{}')
  const response = await putManifest(server.url, 'acme/jira', sha256('another'), manifestOf(config))
  expect(await refusal(response)).toEqual([400, 'DIGEST_INVALID'])
})

test('startRegistryServer() serves a manifest byte for byte as it was pushed', async () => {
  await using server = await startRegistryServer()
  const config = await pushBlob(server.url, 'acme/jira', '{}')
  const body = `\n ${manifestOf(config)}\n`
  const put = await putManifest(server.url, 'acme/jira', '1.0.0', body)
  expect(put.headers.get('docker-content-digest')).toBe(sha256(body))
  const got = await fetch(`${server.url}/v2/acme/jira/manifests/1.0.0`)
  expect([
    await got.text(),
    got.headers.get('content-type'),
    got.headers.get('docker-content-digest'),
  ]).toEqual([body, IMAGE, sha256(body)])
})

test('startRegistryServer() keeps shared bytes until the last repository lets go of them', async () => {
  await using server = await startRegistryServer()
  const digest = await pushBlob(server.url, 'acme/one', 'shared')
  await fetch(`${server.url}/v2/acme/two/blobs/uploads/?mount=${digest}&from=acme/one`, {
    method: 'POST',
  })
  const one = `${server.url}/v2/acme/one/blobs/${digest}`
  const two = `${server.url}/v2/acme/two/blobs/${digest}`
  expect((await fetch(one, { method: 'DELETE' })).status).toBe(202)
  expect([(await fetch(one)).status, (await fetch(two)).status]).toEqual([404, 200])
  await fetch(two, { method: 'DELETE' })
  expect((await fetch(two)).status).toBe(404)
})

test('startRegistryServer() takes a tag with its manifest, and a tag alone by its name', async () => {
  await using server = await startRegistryServer()
  const config = await pushBlob(server.url, 'acme/jira', '{}')
  const digest = sha256(manifestOf(config))
  for (const tag of ['1.0.0', 'latest', 'old'])
    await putManifest(server.url, 'acme/jira', tag, manifestOf(config))
  const tags = async () =>
    ((await (await fetch(`${server.url}/v2/acme/jira/tags/list`)).json()) as { tags: string[] })
      .tags
  await fetch(`${server.url}/v2/acme/jira/manifests/old`, { method: 'DELETE' })
  expect(await tags()).toEqual(['1.0.0', 'latest'])
  expect((await fetch(`${server.url}/v2/acme/jira/manifests/${digest}`)).status).toBe(200)
  await fetch(`${server.url}/v2/acme/jira/manifests/${digest}`, { method: 'DELETE' })
  expect(await tags()).toEqual([])
  expect((await fetch(`${server.url}/v2/acme/jira/manifests/1.0.0`)).status).toBe(404)
})
