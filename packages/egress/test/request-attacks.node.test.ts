import { type EgressHeader, type EgressRequest } from '@morphee/egress'
import { encodeUtf8 } from '@morphee/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openContext, textOf } from './ports.ts'
import { startWorld, type World } from './world.ts'

let world: World
let received: { method: string; url: string; headers: Record<string, string>; body: string }[] = []

beforeAll(async () => {
  world = await startWorld()
  await world.serve('a.example', async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const headers = request.headers as Record<string, string>
    received.push({
      method: request.method!,
      url: request.url!,
      headers,
      body: Buffer.concat(chunks).toString(),
    })
    response.end('ok')
  })
})
afterAll(() => world.close())

function h(...pairs: [string, string][]): EgressHeader[] {
  return pairs.map(([name, value]) => ({ name, value }))
}

async function send(request: Partial<EgressRequest>, context = {}): Promise<(typeof received)[0]> {
  received = []
  await world.guard().fetch({ url: 'https://a.example/', ...request }, openContext(context))
  expect(received).toHaveLength(1)
  return received[0]!
}

describe('fetch() refuses with the name of it', () => {
  const HEADERS: string[] = [
    'Authorization',
    'Proxy-Authorization',
    'Cookie',
    'Cookie2',
    'X-API-Key',
    'api-key',
    'apikey',
    'X-Api_Key',
    'X-Auth-Token',
    'X-Auth-Key',
    'X-Access-Token',
    'Private-Token',
    'X-Vault-Token',
    'Ocp-Apim-Subscription-Key',
    'X-Functions-Key',
    'X-Goog-Api-Key',
    'DD-Application-Key',
    'X-RapidAPI-Key',
    'X-Amz-Security-Token',
    'X-Session-Id',
    'X-Client-Secret',
    'Token',
  ]
  for (const name of HEADERS) {
    test(`the caller's own ${name}`, async () => {
      received = []
      const sent = world
        .guard()
        .fetch({ url: 'https://a.example/', headers: h([name, 'loot']) }, openContext())
      await expect(sent).rejects.toMatchObject({
        code: 'ERR_EGRESS_HEADER',
        details: { header: name.toLowerCase(), reason: 'guest-auth' },
      })
      expect(received).toEqual([])
    })
  }

  for (const query of [
    'access_token=x',
    'api_key=x',
    'ApiKey=x',
    'token=x',
    'client_secret=x',
    'sig=x',
    'X-Amz-Signature=x',
    'appid=x',
    `key=${'A'.repeat(39)}`,
    '%61ccess_token=x',
  ]) {
    test(`the caller's own parameter ${query.slice(0, 20)}`, async () => {
      const sent = world.guard().fetch({ url: `https://a.example/?${query}` }, openContext())
      await expect(sent).rejects.toThrowCode('ERR_EGRESS_HEADER')
    })
  }

  const MALFORMED: [what: string, name: string, value: string][] = [
    ['a line end in a value', 'x-a', 'a\r\nauthorization: loot'],
    ['a bare line feed in a value', 'x-a', 'a\nb: c'],
    ['a NUL in a value', 'x-a', 'a\u0000'],
    ['a character beyond Latin-1', 'x-a', '→'],
    ['a line end in a name', 'x-a\r\nauthorization', 'loot'],
    ['a colon in a name', 'x-a:', 'b'],
    ['a space after a name', 'authorization ', 'b'],
    ['an empty name', '', 'b'],
    ['too much of it', 'x-a', 'a'.repeat(40_000)],
  ]
  for (const [what, name, value] of MALFORMED) {
    test(what, async () => {
      const sent = world
        .guard()
        .fetch({ url: 'https://a.example/', headers: h([name, value]) }, openContext())
      await expect(sent).rejects.toThrowCode('ERR_EGRESS_HEADER')
    })
  }

  test('too many headers', async () => {
    const headers = Array.from({ length: 101 }, (_, i) => ({ name: `x-${i}`, value: '' }))
    await expect(
      world.guard().fetch({ url: 'https://a.example/', headers }, openContext()),
    ).rejects.toThrowCode('ERR_EGRESS_HEADER')
  })
})

describe('fetch() leaves out', () => {
  const DROPPED: [string, string][] = [
    ['host', 'evil.example'],
    ['connection', 'x-secret'],
    ['keep-alive', 'x'],
    ['te', 'trailers'],
    ['trailer', 'x'],
    ['transfer-encoding', 'chunked'],
    ['content-length', '99'],
    ['upgrade', 'h2c'],
    ['http2-settings', 'x'],
    ['expect', '100-continue'],
    ['via', 'x'],
    ['proxy-connection', 'x'],
    ['x-http-method-override', 'DELETE'],
    ['X-HTTP-Method', 'DELETE'],
    ['X-Method-Override', 'DELETE'],
    ['X_HTTP_Method_Override', 'DELETE'],
    ['x-http_method', 'DELETE'],
    ['transfer_encoding', 'chunked'],
    ['x_forwarded_for', '127.0.0.1'],
    ['x_original_url', '/admin'],
    ['forwarded', 'for=1.1.1.1'],
    ['x-forwarded-for', '127.0.0.1'],
    ['x-forwarded-host', 'evil.example'],
    ['x-real-ip', '127.0.0.1'],
    ['x-original-url', '/admin'],
    ['x-rewrite-url', '/admin'],
    ['accept-encoding', 'zstd'],
    ['sec-fetch-site', 'x'],
  ]
  for (const [name, value] of DROPPED) {
    test(`the caller's ${name}`, async () => {
      const { headers, method } = await send({ headers: h([name, value]) })
      expect(headers[name.toLowerCase()]).not.toBe(value)
      expect(method).toBe('GET')
      expect(headers['host']).toBe('a.example')
    })
  }
})

describe('fetch() lets pass', () => {
  const KEPT: [string, string][] = [
    ['accept', 'application/json'],
    ['if-match', '"1"'],
    ['notion-version', '2026-03-11'],
    ['x-github-api-version', '2026-03-10'],
    ['x-atlassian-token', 'no-check'],
    ['idempotency-key', 'abc'],
    ['user-agent', 'mine/1'],
    ['content-type', 'text/plain'],
    ['range', 'bytes=0-1'],
  ]
  for (const [name, value] of KEPT) {
    test(`the caller's ${name}`, async () => {
      expect((await send({ headers: h([name, value]) })).headers[name]).toBe(value)
    })
  }

  test("the caller's own authorization where the manifest declares it", async () => {
    const { headers } = await send({ headers: h(['authorization', 'own']) }, { guestAuth: true })
    expect(headers['authorization']).toBe('own')
  })

  test('a key that is no secret by its look', async () => {
    expect((await send({ url: 'https://a.example/?key=DEMO-1' })).url).toBe('/?key=DEMO-1')
  })

  test('repeated parameters as they are', async () => {
    expect((await send({ url: 'https://a.example/?a=1&a=2&b=%20' })).url).toBe('/?a=1&a=2&b=%20')
  })
})

describe('methods:', () => {
  for (const method of ['CONNECT', 'trace', 'TRACK', 'GET /x', 'G\r\nET', '', 'Ünder']) {
    test(`fetch() never sends ${JSON.stringify(method)}`, async () => {
      await expect(
        world.guard().fetch({ url: 'https://a.example/', method }, openContext()),
      ).rejects.toThrowCode('ERR_EGRESS_METHOD')
    })
  }
  for (const method of ['GET', 'HEAD', 'get']) {
    test(`fetch() refuses a ${method} with a body`, async () => {
      const request = { url: 'https://a.example/', method, body: encodeUtf8('x') }
      await expect(world.guard().fetch(request, openContext())).rejects.toThrowCode(
        'ERR_EGRESS_METHOD',
      )
    })
  }
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'REPORT']) {
    test(`fetch() sends ${method} with a body`, async () => {
      const got = await send({ method, body: encodeUtf8('body') })
      expect(got).toMatchObject({ method, body: 'body' })
      expect(got.headers['content-length']).toBe('4')
    })
  }
  test('fetch() asks for permission in upper case, whatever the caller wrote', async () => {
    const asked: string[] = []
    await send(
      { method: 'patch' },
      { permit: (_: URL, method: string) => (asked.push(method), { allowed: true }) },
    )
    expect(asked).toEqual(['PATCH'])
  })
})

describe('credentials:', () => {
  const credential = (extra: object): object => ({
    credential: () => ({ audience: ['https://a.example'], ...extra }),
  })

  test('the header is on the wire', async () => {
    const { headers } = await send(
      {},
      credential({ headers: h(['Authorization', 'Bearer abcdefgh']) }),
    )
    expect(headers['authorization']).toBe('Bearer abcdefgh')
  })

  test("replaces the caller's header of the same name", async () => {
    const { headers } = await send(
      { headers: h(['authorization', 'own']) },
      { guestAuth: true, ...credential({ headers: h(['Authorization', 'Bearer abcdefgh']) }) },
    )
    expect(headers['authorization']).toBe('Bearer abcdefgh')
  })

  test('a query parameter is on the wire and nowhere else', async () => {
    received = []
    const seen: string[] = []
    const response = await world.guard().fetch(
      { url: 'https://a.example/?a=1' },
      openContext({
        ...credential({ query: h(['appid', 'secret-key-1']) }),
        permit: (url) => (seen.push(url.href), { allowed: true }),
        onHop: ({ url }) => void seen.push(url.href),
      }),
    )
    expect(received[0]!.url).toBe('/?a=1&appid=secret-key-1')
    expect([...new Set(seen), response.url]).toEqual([
      'https://a.example/?a=1',
      'https://a.example/?a=1',
    ])
  })

  test('one that would end its header is refused, and not told', async () => {
    const sent = send({}, credential({ headers: h(['authorization', 'Bearer a\r\nx: y']) }))
    await expect(sent).rejects.toThrowCode('ERR_EGRESS_HEADER')
    await expect(sent).rejects.not.toThrow(/Bearer/)
  })
})

test('fetch() streams a body with the length it was given', async () => {
  const body = new Blob(['one ', 'two']).stream()
  expect(await send({ method: 'PUT', body, bodyLength: 7 })).toMatchObject({
    body: 'one two',
    headers: { 'content-length': '7' },
  })
})

test('fetch() frames a streamed body in chunks when it knows no length', async () => {
  const got = await send({ method: 'PUT', body: new Blob(['x']).stream() })
  expect(got).toMatchObject({ body: 'x', headers: { 'transfer-encoding': 'chunked' } })
})

test('fetch() holds a streamed body to its length', async () => {
  for (const bodyLength of [2, 4]) {
    const request = {
      url: 'https://a.example/',
      method: 'PUT',
      body: new Blob(['abc']).stream(),
      bodyLength,
    }
    await expect(world.guard().fetch(request, openContext())).rejects.toThrowCode(
      'ERR_EGRESS_UNREACHABLE',
    )
  }
})

test('fetch() charges each chunk of an upload, and stops where the quota ends', async () => {
  let quota = 3
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
  })
  const context = openContext({
    charge: (charge) => {
      if (charge.kind === 'bytes' && charge.sent === 1000) quota--
      return quota >= 0 ? { allowed: true } : { allowed: false, reason: 'bandwidth' }
    },
  })
  const sent = world.guard().fetch({ url: 'https://a.example/', method: 'PUT', body }, context)
  await expect(sent).rejects.toThrowCode('ERR_EGRESS_RATE')
})

test('fetch() lets go of a body that it never sends', async () => {
  let cancelled = false
  const body = new ReadableStream<Uint8Array>({ cancel: () => void (cancelled = true) })
  const context = openContext({ permit: () => ({ allowed: false, reason: 'no' }) })
  await expect(
    world.guard().fetch({ url: 'https://a.example/', method: 'PUT', body }, context),
  ).rejects.toThrowCode('ERR_EGRESS_DENIED')
  expect(cancelled).toBe(true)
})

test('fetch() returns body, status and counts', async () => {
  const response = await world
    .guard()
    .fetch({ url: 'https://a.example/', method: 'POST', body: encodeUtf8('abc') }, openContext())
  expect(response).toMatchObject({ status: 200, url: 'https://a.example/', redactions: 0 })
  expect(textOf(response.body)).toBe('ok')
  expect(response.bytesSent).toBeGreaterThan(60)
  expect(response.bytesReceived).toBeGreaterThan(20)
})
