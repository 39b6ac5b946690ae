import { request } from 'node:http'
import { connect } from 'node:net'
import { startRegistryServer } from '@morphee/registry-server'
import { expect, test } from 'vitest'
import { manifestOf, pushBlob, putManifest, refusal } from './push.ts'

const account = { username: 'someone', password: 'pass:word' }
const basic = (text: string) => ({ authorization: `Basic ${btoa(text)}` })

/** A request with headers that `fetch` does not let anybody set. */
function status(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    sent.on('error', reject)
    sent.end()
  })
}

test('startRegistryServer() is not fooled by DNS rebinding: it answers to its own names only', async () => {
  await using server = await startRegistryServer()
  const { port } = new URL(server.url)
  expect(await status(`${server.url}/v2/`, { host: `evil.example:${port}` })).toBe(421)
  expect(await status(`${server.url}/v2/`, { host: `localhost:${port}` })).toBe(200)
})

for (const target of [
  '*',
  'http://evil.example/v2/',
  '/v2/\u00ff',
  '//evil.example/v2/',
  '/v2/?[',
  '/%',
]) {
  test(`startRegistryServer() survives a request for ${target}`, async () => {
    const failures: unknown[] = []
    await using server = await startRegistryServer({ onError: (error) => failures.push(error) })
    const { hostname, port, host } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    socket.end(`GET ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`, 'latin1')
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    expect(text).toMatch(/^HTTP\/1.1 (200|40[04]) /)
    expect(failures).toEqual([])
  })
}

test('startRegistryServer() does not answer web pages', async () => {
  await using server = await startRegistryServer()
  expect(await status(`${server.url}/v2/`, { origin: 'https://evil.example' })).toBe(421)
})

test('startRegistryServer() asks for the account, with basic authentication', async () => {
  await using server = await startRegistryServer({ auth: { kind: 'basic', ...account } })
  const unknown = await fetch(`${server.url}/v2/`)
  expect([unknown.status, unknown.headers.get('www-authenticate')]).toEqual([
    401,
    'Basic realm="morphee-registry"',
  ])
  for (const wrong of ['someone:pass', 'someone:pass:word ', ':', 'other:pass:word']) {
    expect((await fetch(`${server.url}/v2/`, { headers: basic(wrong) })).status).toBe(401)
  }
  expect((await fetch(`${server.url}/v2/`, { headers: basic('someone:pass:word') })).status).toBe(
    200,
  )
})

test('startRegistryServer() gives tokens for exactly what was asked, with bearer tokens', async () => {
  await using server = await startRegistryServer({ auth: { kind: 'bearer', ...account } })
  const challenge = (await fetch(`${server.url}/v2/acme/jira/tags/list`)).headers.get(
    'www-authenticate',
  )
  expect(challenge).toBe(
    `Bearer realm="${server.url}/token",service="morphee-registry",scope="repository:acme/jira:pull"`,
  )
  const token = async (scope: string) => {
    const response = await fetch(`${server.url}/token?scope=${scope}`, {
      headers: basic('someone:pass:word'),
    })
    return { authorization: `Bearer ${((await response.json()) as { token: string }).token}` }
  }
  const upload = (repository: string, headers: Record<string, string>) =>
    fetch(`${server.url}/v2/${repository}/blobs/uploads/`, { method: 'POST', headers })
  const pull = await token('repository:acme/jira:pull')
  expect((await fetch(`${server.url}/v2/acme/jira/tags/list`, { headers: pull })).status).toBe(404)
  expect((await upload('acme/jira', pull)).status).toBe(401)
  const push = await token('repository:acme/jira:pull,push')
  expect((await upload('acme/jira', push)).status).toBe(202)
  expect((await upload('acme/other', push)).status).toBe(401)
  expect((await upload('acme/jira', { authorization: 'Bearer made-up' })).status).toBe(401)
  expect(
    (await fetch(`${server.url}/token?scope=x`, { headers: basic('someone:wrong') })).status,
  ).toBe(401)
  expect((await fetch(`${server.url}/token?scope=x`)).status).toBe(401)
})

for (const kind of ['basic', 'bearer'] as const) {
  test(`startRegistryServer() lets everybody read and nobody write, with anonymous pull over ${kind}`, async () => {
    await using server = await startRegistryServer({
      auth: { kind, ...account, anonymousPull: true },
    })
    const headers: Record<string, string> = {}
    if (kind === 'bearer') {
      const response = await fetch(`${server.url}/token?scope=repository:a/b:pull,push`)
      headers['authorization'] = `Bearer ${((await response.json()) as { token: string }).token}`
    }
    expect((await fetch(`${server.url}/v2/a/b/tags/list`, { headers })).status).toBe(404)
    expect(
      (await fetch(`${server.url}/v2/a/b/blobs/uploads/`, { method: 'POST', headers })).status,
    ).toBe(401)
  })
}

test('startRegistryServer() changes nothing, when it is read-only', async () => {
  await using server = await startRegistryServer({ readOnly: true })
  for (const [method, path] of [
    ['POST', 'blobs/uploads/'],
    ['PUT', 'manifests/1'],
    ['DELETE', 'manifests/1'],
  ] as const) {
    expect(await refusal(await fetch(`${server.url}/v2/a/b/${path}`, { method }))).toEqual([
      405,
      'UNSUPPORTED',
    ])
  }
  expect((await fetch(`${server.url}/v2/`)).status).toBe(200)
})

test('startRegistryServer() lets a test answer in its place', async () => {
  await using server = await startRegistryServer({
    intercept: (asked, response) => {
      if (asked.url !== '/v2/a/b/tags/list') return false
      response.writeHead(418).end()
      return true
    },
  })
  expect((await fetch(`${server.url}/v2/a/b/tags/list`)).status).toBe(418)
  const config = await pushBlob(server.url, 'a/b', '{}')
  expect((await putManifest(server.url, 'a/b', '1', manifestOf(config))).status).toBe(201)
})
