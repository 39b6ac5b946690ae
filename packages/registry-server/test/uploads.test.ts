import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRegistryServer } from '@morphee/registry-server'
import { expect, onTestFinished, test } from 'vitest'
import { refusal, sha256 } from './push.ts'

const start = async (url: string, repository = 'acme/jira'): Promise<string> => {
  const response = await fetch(`${url}/v2/${repository}/blobs/uploads/`, { method: 'POST' })
  expect(response.status).toBe(202)
  return new URL(response.headers.get('location') as string, url).href
}
const patch = (location: string, body: string, range?: string): Promise<Response> =>
  fetch(location, {
    method: 'PATCH',
    body,
    ...(range === undefined ? {} : { headers: { 'content-range': range } }),
  })

test('startRegistryServer() refuses a blob that does not hash to its digest, and forgets it', async () => {
  await using server = await startRegistryServer()
  const location = await start(server.url)
  const digest = sha256('something else')
  const response = await fetch(`${location}?digest=${digest}`, { method: 'PUT', body: 'bytes' })
  expect(await refusal(response)).toEqual([400, 'DIGEST_INVALID'])
  expect((await fetch(`${server.url}/v2/acme/jira/blobs/${digest}`)).status).toBe(404)
  expect((await fetch(`${server.url}/v2/acme/jira/blobs/${sha256('bytes')}`)).status).toBe(404)
  expect((await fetch(location)).status).toBe(404)
})

test('startRegistryServer() keeps an upload as it was, when a chunk breaks off', async () => {
  await using server = await startRegistryServer()
  const location = new URL(await start(server.url))
  await patch(location.href, 'hello ', '0-5')
  const socket = connect(Number(location.port), location.hostname)
  socket.write(
    `PATCH ${location.pathname} HTTP/1.1\r\nhost: ${location.host}\r\ncontent-length: 500\r\ncontent-range: 6-505\r\n\r\nonly this`,
  )
  const range = async () => (await fetch(location)).headers.get('range')
  await expect.poll(range).toBe('0-14')
  socket.destroy()
  await expect.poll(range).toBe('0-5')
  expect((await patch(location.href, 'world', '6-10')).status).toBe(202)
  const done = await fetch(`${location.href}?digest=${sha256('hello world')}`, { method: 'PUT' })
  expect(done.status).toBe(201)
  expect(
    await (await fetch(`${server.url}/v2/acme/jira/blobs/${sha256('hello world')}`)).text(),
  ).toBe('hello world')
})

test('startRegistryServer() names the next byte, when a chunk does not follow the last one', async () => {
  await using server = await startRegistryServer()
  const location = await start(server.url)
  expect((await patch(location, 'abc', '0-2')).headers.get('range')).toBe('0-2')
  expect(await refusal(await patch(location, 'xyz', '7-9'))).toEqual([416, 'BLOB_UPLOAD_INVALID'])
  expect(await refusal(await patch(location, 'xyz', '3-9'))).toEqual([400, 'SIZE_INVALID'])
  const status = await fetch(location)
  expect([status.status, status.headers.get('range')]).toEqual([204, '0-2'])
})

test('startRegistryServer() stops an endless blob at its limit, and takes the next one', async () => {
  await using server = await startRegistryServer({ maxBlobBytes: 1000 })
  const location = await start(server.url)
  expect(await refusal(await patch(location, 'x'.repeat(1001)))).toEqual([413, 'SIZE_INVALID'])
  expect((await patch(location, 'x'.repeat(1000))).status).toBe(202)
  expect(await refusal(await patch(location, 'x'))).toEqual([413, 'SIZE_INVALID'])
})

test('startRegistryServer() opens no more uploads than allowed, and drops those nobody touches', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'morphee-uploads-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await using server = await startRegistryServer({ maxUploads: 3, storage: { dir } })
  const opened = await Promise.all(
    Array.from({ length: 10 }, () =>
      fetch(`${server.url}/v2/a/b/blobs/uploads/`, { method: 'POST' }),
    ),
  )
  expect(opened.filter(({ status }) => status === 202).length).toBe(3)
  expect(opened.filter(({ status }) => status === 429).length).toBe(7)

  await using forgetful = await startRegistryServer({ maxUploads: 1, uploadIdleMs: 0 })
  const first = await start(forgetful.url)
  await start(forgetful.url)
  expect(await refusal(await patch(first, 'abc'))).toEqual([404, 'BLOB_UPLOAD_UNKNOWN'])
})

test('startRegistryServer() does not let one repository continue the upload of another', async () => {
  await using server = await startRegistryServer()
  const location = await start(server.url, 'acme/jira')
  const stolen = location.replace('/acme/jira/', '/evil/repo/')
  expect(await refusal(await patch(stolen, 'abc'))).toEqual([404, 'BLOB_UPLOAD_UNKNOWN'])
})

test('startRegistryServer() cancels an upload', async () => {
  await using server = await startRegistryServer()
  const location = await start(server.url)
  expect((await fetch(location, { method: 'DELETE' })).status).toBe(204)
  expect((await fetch(location)).status).toBe(404)
})
