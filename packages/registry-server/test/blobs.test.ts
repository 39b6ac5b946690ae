import { startRegistryServer } from '@morphee/registry-server'
import { expect, test } from 'vitest'
import { pushBlob, sha256 } from './push.ts'

for (const [range, status, body, contentRange] of [
  ['bytes=0-3', 206, '0123', 'bytes 0-3/10'],
  ['bytes=7-', 206, '789', 'bytes 7-9/10'],
  ['bytes=-2', 206, '89', 'bytes 8-9/10'],
  ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
  ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
  ['bytes=10-', 416, undefined, 'bytes */10'],
  ['bytes=-0', 416, undefined, 'bytes */10'],
  ['bytes=5-3', 200, '0123456789', null],
  ['bytes=0-1,3-4', 200, '0123456789', null],
  ['chars=0-1', 200, '0123456789', null],
] as const) {
  test(`startRegistryServer() answers ${range} of a blob with ${status}`, async () => {
    await using server = await startRegistryServer()
    const digest = await pushBlob(server.url, 'a/b', '0123456789')
    const response = await fetch(`${server.url}/v2/a/b/blobs/${digest}`, { headers: { range } })
    expect([response.status, response.headers.get('content-range')]).toEqual([status, contentRange])
    if (body !== undefined) expect(await response.text()).toBe(body)
  })
}

for (const [what, path, status] of [
  ['a name in upper case', '/v2/Acme/jira/tags/list', 400],
  ['a name that leaves the repository', '/v2/../../etc/blobs/uploads/', 404],
  ['the same, encoded', '/v2/%2e%2e/%2e%2e/etc/tags/list', 404],
  ['an encoded slash and dots', '/v2/a%2f..%2fb/tags/list', 400],
  ['broken percent-encoding', '/v2/a%zz/tags/list', 400],
  ['a name of 300 characters', `/v2/${'a'.repeat(300)}/tags/list`, 400],
  ['a digest of another algorithm', '/v2/a/b/blobs/md5:00', 400],
  [
    'a digest in upper case',
    `/v2/a/b/blobs/${sha256('x').toUpperCase().replace('SHA', 'sha')}`,
    400,
  ],
  ['a tag that is none', '/v2/a/b/manifests/.hidden', 400],
  ['another endpoint', '/v2/_catalog', 404],
  ['a path outside the API', '/etc/passwd', 404],
] as const) {
  test(`startRegistryServer() refuses ${what}`, async () => {
    await using server = await startRegistryServer()
    expect((await fetch(`${server.url}${path}`)).status).toBe(status)
  })
}
