/** Accounts: whom they are told, and above all whom they are not. */
import { encodeUtf8 } from '@morphee/core'
import { type RegistryCredentials } from '@morphee/registry'
import { expect, test } from 'vitest'
import { answer, startRegistry } from '../registry.ts'

const password = { kind: 'password', username: 'someone', password: 'ümlaut:and:colons' } as const
const account = { username: password.username, password: password.password }
const bytes = encodeUtf8('bytes')

for (const kind of ['basic', 'bearer'] as const) {
  test(`pushBlob() and tags() log in by ${kind} authentication`, async () => {
    await using registry = await startRegistry(
      { auth: { kind, ...account } },
      { credentials: () => password },
    )
    await registry.client.pushBlob(registry.reference(), bytes, 'application/wasm')
    expect(await registry.client.tags(registry.reference())).toEqual([])
  })

  test(`pushBlob() is refused with another password, by ${kind} authentication`, async () => {
    await using registry = await startRegistry(
      { auth: { kind, ...account } },
      { credentials: () => ({ ...password, password: 'wrong' }) },
    )
    await expect(
      registry.client.pushBlob(registry.reference(), bytes, 'application/wasm'),
    ).rejects.toThrowCode('ERR_REGISTRY_UNAUTHORIZED')
  })

  test(`pushBlob() is refused without an account, by ${kind} authentication`, async () => {
    await using registry = await startRegistry({ auth: { kind, ...account } })
    await expect(
      registry.client.pushBlob(registry.reference(), bytes, 'application/wasm'),
    ).rejects.toThrowCode('ERR_REGISTRY_UNAUTHORIZED')
  })
}

test('getBlob() asks for an anonymous token, where reading needs no account', async () => {
  await using registry = await startRegistry({
    auth: { kind: 'bearer', ...account, anonymousPull: true },
  })
  const owner = registry.connect({ credentials: () => password })
  const pushed = await owner.pushBlob(registry.reference(), bytes, 'application/wasm')
  expect(await registry.client.getBlob(registry.reference(), pushed, { maxBytes: 100 })).toEqual(
    bytes,
  )
})

test('createRegistryClient() asks for a token once for each repository and right', async () => {
  await using registry = await startRegistry(
    { auth: { kind: 'bearer', ...account } },
    { credentials: () => password },
  )
  const scopes: unknown[] = []
  registry.lie((request) => {
    if (request.url?.startsWith('/token'))
      scopes.push(new URL(request.url, registry.url).searchParams.get('scope'))
    return false
  })
  for (let i = 0; i < 3; i++) {
    const pushed = await registry.client.pushBlob(
      registry.reference(),
      encodeUtf8(`${i}`),
      'application/wasm',
    )
    await registry.client.getBlob(registry.reference(), pushed, { maxBytes: 100 })
  }
  expect(scopes).toEqual(['repository:acme/jira:pull,push', 'repository:acme/jira:pull'])
})

test('createRegistryClient() asks for a new token, when the registry takes the old one no more', async () => {
  await using registry = await startRegistry(
    { auth: { kind: 'bearer', ...account } },
    { credentials: () => password },
  )
  await registry.client.pushBlob(registry.reference(), bytes, 'application/wasm')
  let refused = 0
  registry.lie((request, response) => {
    if (request.url?.startsWith('/token') || refused++ > 0) return false
    return answer(response, 401, '', { 'www-authenticate': `Bearer realm="${registry.url}/token"` })
  })
  expect(await registry.client.tags(registry.reference())).toEqual([])
})

/** A registry that names `realm` as its token server, and a thief that writes down what it is told. */
async function stealing(
  credentials: RegistryCredentials,
  realms?: Readonly<Record<string, readonly string[]>>,
) {
  const thief = await startRegistry()
  const told: string[] = []
  thief.lie((request, response) => {
    told.push(`${request.method} ${request.headers.authorization ?? 'nothing'}`)
    request.on('data', (chunk: Buffer) => told.push(chunk.toString()))
    request.on('end', () => answer(response, 200, JSON.stringify({ token: 'a-token' })))
    return true
  })
  const registry = await startRegistry({
    auth: { kind: 'bearer', ...account, realm: `${thief.url}/token` },
  })
  // Plain HTTP to another origin is refused before anything else, so the registry claims to be asked over HTTPS here.
  return {
    thief,
    told,
    registry,
    client: registry.connect({
      credentials: () => credentials,
      ...(realms === undefined ? {} : { realms }),
    }),
  }
}

test('createRegistryClient() asks no token server over plain HTTP but the registry itself', async () => {
  const { thief, told, registry, client } = await stealing(password)
  await using _thief = thief
  await using _registry = registry
  await expect(client.tags(registry.reference())).rejects.toThrowCode('ERR_REGISTRY_REALM')
  expect(told).toEqual([])
})

for (const realm of [
  'http://169.254.169.254/token',
  'file:///etc/passwd',
  'https://user:pass@evil.example/',
  'https://user@evil.example/',
  'https://:pass@evil.example/',
  'not a url',
  'javascript:1',
  '',
]) {
  test(`createRegistryClient() does not ask ${realm === '' ? 'an empty realm' : realm} for a token`, async () => {
    await using registry = await startRegistry({}, { credentials: () => password })
    registry.lie((_, response) =>
      answer(response, 401, '', { 'www-authenticate': `Bearer realm="${realm}"` }),
    )
    await expect(registry.client.tags(registry.reference())).rejects.toThrowCode(
      'ERR_REGISTRY_REALM',
    )
  })
}

for (const [what, credentials, secret] of [
  ['password', password, btoa(String.fromCharCode(...encodeUtf8('someone:ümlaut:and:colons')))],
  ['identity token', { kind: 'identity-token', token: 'the-refresh-token' }, 'the-refresh-token'],
] as const) {
  for (const trusted of [false, true]) {
    test(`createRegistryClient() ${trusted ? 'tells' : 'does not tell'} the ${what} to a token server at another host ${trusted ? 'that is configured' : 'that nobody configured'}`, async () => {
      const told: string[] = []
      const registry = 'registry.example'
      await using any = await startRegistry()
      const client = any.connect({
        credentials: () => credentials,
        ...(trusted ? { realms: { [registry]: ['https://tokens.example'] } } : {}),
        // Two hosts over HTTPS, played by the transport: this is about who is told what, not about sockets.
        transport: ({ url, headers, body }) => {
          const isToken = url.startsWith('https://tokens.example')
          if (isToken)
            told.push(url, headers['authorization'] ?? '', new TextDecoder().decode(body))
          const response = isToken
            ? Response.json({ token: 'a-token' })
            : headers['authorization'] === 'Bearer a-token'
              ? Response.json({ tags: ['1.0.0'] })
              : new Response(null, {
                  status: 401,
                  headers: {
                    'www-authenticate':
                      'Bearer realm="https://tokens.example/t",service="x",scope="repository:*:*"',
                  },
                })
          return Promise.resolve({
            status: response.status,
            headers: response.headers,
            url,
            body: response.body,
          })
        },
      })
      expect(await client.tags({ registry, repository: 'acme/jira' })).toEqual(['1.0.0'])
      expect(told.length).toBe(3)
      expect(told.join('\n').includes(secret)).toBe(trusted)
      // The registry asked for everything; what is asked for is what the client does.
      expect(decodeURIComponent(told.join('\n'))).toContain('scope=repository:acme/jira:pull')
      expect(decodeURIComponent(told.join('\n'))).not.toContain('repository:*')
    })
  }
}

for (const [what, body] of [
  ['no JSON', 'nonsense'],
  ['no token', '{}'],
  ['a token that ends the header', JSON.stringify({ token: 'x\r\nhost: evil.example' })],
  ['a token of 100 KB', JSON.stringify({ token: 'x'.repeat(100_000) })],
  ['more than anybody reads', 'x'.repeat(300_000)],
] as const) {
  test(`createRegistryClient() refuses a token server that answers with ${what}`, async () => {
    await using registry = await startRegistry(
      { auth: { kind: 'bearer', ...account } },
      { credentials: () => password },
    )
    registry.lie(
      (request, response) =>
        request.url?.startsWith('/token') === true && answer(response, 200, body),
    )
    await expect(registry.client.tags(registry.reference())).rejects.toThrowCode(
      'ERR_REGISTRY_RESPONSE',
    )
  })
}

for (const header of [
  '',
  'Negotiate',
  'Bearer',
  'Digest realm="x"',
  `Basic ${'x'.repeat(9000)}`,
  '"',
  'Bearer realm',
  '=,=,=',
]) {
  test(`createRegistryClient() is refused by a challenge it cannot answer: ${header.slice(0, 20)}`, async () => {
    await using registry = await startRegistry({}, { credentials: () => password })
    registry.lie((_, response) => answer(response, 401, '', { 'www-authenticate': header }))
    await expect(registry.client.tags(registry.reference())).rejects.toThrowCode(
      'ERR_REGISTRY_UNAUTHORIZED',
    )
  })
}

test('createRegistryClient() finds the challenge it can answer among others', async () => {
  await using registry = await startRegistry(
    { auth: { kind: 'basic', ...account } },
    { credentials: () => password },
  )
  registry.lie(
    (request, response) =>
      request.headers.authorization === undefined &&
      answer(response, 401, '', {
        'www-authenticate': 'Negotiate, Digest realm="a \\"b\\", c", nonce=1, Basic realm="x"',
      }),
  )
  await expect(registry.client.tags(registry.reference())).rejects.toThrowCode(
    'ERR_REGISTRY_NOT_FOUND',
  )
})

test('createRegistryClient() does not wait for the account, when the registry does not ask for one', async () => {
  await using registry = await startRegistry({}, { credentials: () => expect.unreachable() })
  await registry.client.pushBlob(registry.reference(), bytes, 'application/wasm')
})
