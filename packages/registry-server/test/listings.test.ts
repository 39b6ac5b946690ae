import { startRegistryServer } from '@morphee/registry-server'
import { expect, test } from 'vitest'
import { IMAGE, manifestOf, pushBlob, putManifest, refusal, sha256 } from './push.ts'

interface Index {
  readonly manifests: {
    digest: string
    artifactType: string
    annotations?: Record<string, string>
  }[]
}

/** Follows `Link` headers to the end and returns every page. */
async function pages<T>(url: string, path: string): Promise<T[]> {
  const read: T[] = []
  for (let next: string | undefined = path; next !== undefined;) {
    const response: Response = await fetch(`${url}${next}`)
    read.push((await response.json()) as T)
    next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
  }
  return read
}

test('startRegistryServer() lists 2,500 tags in order and in pages', async () => {
  await using server = await startRegistryServer()
  const config = await pushBlob(server.url, 'acme/jira', '{}')
  const names = Array.from({ length: 2500 }, (_, i) => `1.${i}.0`)
  for (const name of names) await putManifest(server.url, 'acme/jira', name, manifestOf(config))
  const listed = await pages<{ tags: string[] }>(server.url, '/v2/acme/jira/tags/list')
  expect(listed.map(({ tags }) => tags.length)).toEqual([1000, 1000, 500])
  expect(listed.flatMap(({ tags }) => tags)).toEqual(names.sort())
  const [after] = await pages<{ tags: string[] }>(
    server.url,
    '/v2/acme/jira/tags/list?n=3&last=1.2498.0',
  )
  expect(after?.tags).toEqual(['1.2499.0', '1.25.0', '1.250.0'])
  expect(await refusal(await fetch(`${server.url}/v2/acme/jira/tags/list?n=-1`))).toEqual([
    400,
    'SIZE_INVALID',
  ])
})

test('startRegistryServer() lists referrers by type, before and after their subject is there', async () => {
  await using server = await startRegistryServer()
  const config = await pushBlob(server.url, 'acme/jira', '{}')
  const subject = { mediaType: IMAGE, digest: sha256('not yet'), size: 7 }
  for (const artifactType of ['application/a', 'application/b', undefined]) {
    const body = manifestOf(config, {
      subject,
      artifactType,
      annotations: { of: String(artifactType) },
    })
    const put = await putManifest(server.url, 'acme/jira', sha256(body), body)
    expect(put.headers.get('oci-subject')).toBe(subject.digest)
  }
  const path = `/v2/acme/jira/referrers/${subject.digest}`
  const all = (await (await fetch(`${server.url}${path}`)).json()) as Index
  expect(all.manifests.map(({ artifactType }) => artifactType).sort()).toEqual([
    'application/a',
    'application/b',
    'application/vnd.oci.empty.v1+json',
  ])
  const response = await fetch(`${server.url}${path}?artifactType=application/b`)
  expect(response.headers.get('oci-filters-applied')).toBe('artifactType')
  expect(((await response.json()) as Index).manifests).toMatchObject([
    { artifactType: 'application/b', annotations: { of: 'application/b' } },
  ])
})

test('startRegistryServer() keeps every page of referrers below 4 MiB', async () => {
  await using server = await startRegistryServer()
  const config = await pushBlob(server.url, 'acme/jira', '{}')
  const subject = { mediaType: IMAGE, digest: sha256('subject'), size: 7 }
  for (let i = 0; i < 20; i++) {
    const body = manifestOf(config, { subject, annotations: { i: `${i} ${'x'.repeat(250_000)}` } })
    expect((await putManifest(server.url, 'acme/jira', sha256(body), body)).status).toBe(201)
  }
  const listed = await pages<Index>(server.url, `/v2/acme/jira/referrers/${subject.digest}`)
  expect(listed.length).toBeGreaterThan(1)
  expect(Math.max(...listed.map((page) => JSON.stringify(page).length))).toBeLessThan(
    4 * 1024 * 1024,
  )
  expect(
    new Set(listed.flatMap(({ manifests }) => manifests.map(({ digest }) => digest))).size,
  ).toBe(20)

  const huge = manifestOf(config, { subject, annotations: { i: 'x'.repeat(300_000) } })
  expect(await refusal(await putManifest(server.url, 'acme/jira', sha256(huge), huge))).toEqual([
    400,
    'MANIFEST_INVALID',
  ])
})

test('startRegistryServer() has no trace of the referrers API, when told to be an older registry', async () => {
  await using server = await startRegistryServer({ referrersApi: false })
  const config = await pushBlob(server.url, 'acme/jira', '{}')
  const body = manifestOf(config, {
    subject: { mediaType: IMAGE, digest: sha256('subject'), size: 7 },
  })
  const put = await putManifest(server.url, 'acme/jira', sha256(body), body)
  expect([put.status, put.headers.get('oci-subject')]).toEqual([201, null])
  expect((await fetch(`${server.url}/v2/acme/jira/referrers/${sha256('subject')}`)).status).toBe(
    404,
  )
})
